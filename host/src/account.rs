//! The account of this machine that a command runs under, for the record of who did what.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

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

/// The home that the system has for the account: a service and a cron job have it without any variable.
pub(crate) fn home() -> Option<PathBuf> {
    let line = line_of(&number()?)?;
    let home = PathBuf::from(line.split(':').nth(5)?);
    (home.is_absolute() && home.is_dir() && home != Path::new("/")).then_some(home)
}

fn account() -> String {
    let Some(number) = number() else {
        return "unknown".to_owned();
    };
    let line = line_of(&number);
    let name = line.and_then(|line| Some(line.split(':').next()?.to_owned()));
    name.unwrap_or(number)
}

fn number() -> Option<String> {
    let of_us = std::fs::metadata("/proc/self").ok()?;
    Some(of_us.uid().to_string())
}

/// What the system has about an account.
fn line_of(number: &str) -> Option<String> {
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut lines = accounts.lines();
    let line = lines.find(|line| line.split(':').nth(2) == Some(number))?;
    Some(line.to_owned())
}
