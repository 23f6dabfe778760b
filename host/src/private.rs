//! What this program creates is for its user alone: warehouses, outboxes, exports, drafts.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The user alone may read.
const OWNER: libc::mode_t = 0o077;
/// The group may read.
const GROUP: libc::mode_t = 0o027;
/// A folder that its group may list and enter.
const LISTED_BY_GROUP: u32 = 0o050;

/// Makes everything that is created from now on private.
pub(crate) fn keep_private() {
    set(OWNER);
}

/// Lets the group read what is created from now on, where the user has opened the warehouse to it.
pub(crate) fn open_as(warehouse: &Path) {
    let opened = std::fs::metadata(warehouse)
        .is_ok_and(|folder| folder.permissions().mode() & LISTED_BY_GROUP == LISTED_BY_GROUP);
    if opened {
        set(GROUP);
    }
}

fn set(mask: libc::mode_t) {
    // SAFETY: `umask` takes a number, reads no memory and cannot fail.
    unsafe { libc::umask(mask) };
}
