//! The memory that this process may take: that of the machine, or of its control group where that is less.

use std::path::Path;

/// Least memory of a run.
const LEAST_BYTES: u64 = 1 << 30;
/// Where the control groups of the system are.
const GROUPS: &str = "/sys/fs/cgroup";

/// The memory of a run without a limit in pipeline.toml.
pub(super) fn half_of_memory() -> u64 {
    let machine = machine_bytes();
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    match group_bytes(Path::new(GROUPS), &own) {
        // A small container has what it has: half of it, however little that is.
        Some(group) if group < machine => group / 2,
        _ => (machine / 2).max(LEAST_BYTES),
    }
}

fn machine_bytes() -> u64 {
    // SAFETY: sysconf reads two constants of the running system and has no preconditions.
    let (pages, size) = unsafe {
        (
            libc::sysconf(libc::_SC_PHYS_PAGES),
            libc::sysconf(libc::_SC_PAGESIZE),
        )
    };
    let (pages, size) = (u64::try_from(pages), u64::try_from(size));
    pages.unwrap_or(0).saturating_mul(size.unwrap_or(0))
}

/// The least limit of a process's groups and those above them: `0::/a/b` of version 2 below `root`, and
/// `4:memory:/a/b` of version 1 below `root/memory`. Inside a container its own group is the root.
fn group_bytes(root: &Path, own: &str) -> Option<u64> {
    let limits = own.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (kinds, group) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let (root, file) = match kinds {
            "" => (root.to_owned(), "memory.max"),
            _ if kinds.split(',').any(|kind| kind == "memory") => {
                (root.join("memory"), "memory.limit_in_bytes")
            }
            _ => return Vec::new(),
        };
        let own = root.join(group.trim_start_matches('/'));
        let groups = own.ancestors().take_while(|group| group.starts_with(&root));
        let limit = |group: &Path| {
            std::fs::read_to_string(group.join(file))
                .ok()?
                .trim()
                .parse()
                .ok()
        };
        groups.filter_map(limit).collect::<Vec<u64>>()
    });
    limits.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_limit_of_all_groups_above_counts() {
        let root = std::env::temp_dir().join(format!("tsugi-groups-{}", std::process::id()));
        let write = |file: &str, text: &str| {
            let file = root.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write("a/b/memory.max", "max\n");
        write("a/memory.max", "2000000000\n");
        write("memory/c/memory.limit_in_bytes", "1000000000\n");
        write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        for (own, limit) in [
            ("0::/a/b\n", Some(2_000_000_000)),
            ("0::/elsewhere\n", None),
            ("0::/\n", None),
            (
                "4:memory,hugetlb:/c\n1:name=systemd:/\n",
                Some(1_000_000_000),
            ),
            ("", None),
        ] {
            assert_eq!(group_bytes(&root, own), limit, "{own}");
        }
        std::fs::remove_dir_all(root).unwrap();
    }
}
