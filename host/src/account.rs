//! The account of this machine that a command runs under, for the record of who did what.

use std::os::unix::fs::MetadataExt as _;

/// The mapping of accounts outside of any user namespace: all of them, each to itself.
const EVERY_ACCOUNT: [&str; 3] = ["0", "0", "4294967295"];

/// The name of the account, or its number where it has no name. It comes from the system and
/// not from the environment, which anybody may set. In a user namespace everybody may be any account,
/// so what it says there is no name of one.
pub(crate) fn login() -> String {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    match map.split_whitespace().eq(EVERY_ACCOUNT) {
        true => account(),
        false => format!("{} in a user namespace", account()),
    }
}

fn account() -> String {
    let Ok(of_us) = std::fs::metadata("/proc/self") else {
        return "unknown".to_owned();
    };
    let number = of_us.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = accounts.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, _, id) = (parts.next()?, parts.next()?, parts.next()?);
        (id == number).then(|| name.to_owned())
    });
    named.unwrap_or(number)
}
