//! The feature `allocator`: small blocks of a component's memory come from lists that need no search,
//! all else from the system.
//!
//! Most of what a plugin allocates is a short text or a small vector that lives for one row. The
//! system's allocator searches and merges for each; here a block of up to 1,024 bytes is popped off
//! a list and pushed back to it. Blocks return to their own list and never to the system: a
//! component holds at most what its small blocks of each size used at their peak.
#![cfg_attr(not(any(target_arch = "wasm32", test)), allow(dead_code))]
#![allow(
    clippy::indexing_slicing,
    reason = "`list` is below LISTS wherever it is made; an allocator cannot return an error"
)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

/// Sizes and addresses of blocks are multiples of this.
const STEP: usize = 16;
/// One list a size: 16, 32, … 1,024 bytes.
const LISTS: usize = 64;
/// Bytes requested from the system at once.
const CHUNK: usize = 32 * 1024;

/// A block that is free: it holds the next one.
struct Free {
    next: *mut Free,
}

struct Lists {
    free: [*mut Free; LISTS],
    /// The unused end of the last chunk.
    next: *mut u8,
    remaining: usize,
}

/// An allocator over another one, for one thread.
pub(crate) struct Blocks<S> {
    lists: UnsafeCell<Lists>,
    system: S,
}

#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
compile_error!("the lists of free blocks are for one thread; plugins have no others");

// SAFETY: without the `atomics` feature, which is refused above, there is one thread.
#[cfg(target_arch = "wasm32")]
unsafe impl<S> Sync for Blocks<S> {}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: Blocks<std::alloc::System> = Blocks::over(std::alloc::System);

impl<S> Blocks<S> {
    pub(crate) const fn over(system: S) -> Self {
        let lists = Lists {
            free: [null_mut(); LISTS],
            next: null_mut(),
            remaining: 0,
        };
        Self {
            lists: UnsafeCell::new(lists),
            system,
        }
    }
}

/// The list that serves a layout; none where the system serves it.
#[inline(always)]
fn list(layout: Layout) -> Option<usize> {
    let small = layout.size() <= LISTS * STEP && layout.align() <= STEP;
    small.then(|| layout.size().saturating_sub(1) / STEP)
}

/// Copies whole steps in place: a copy of unknown length is a call out of the sandbox.
///
/// # Safety
/// Both blocks are as long as `list` says, and apart.
#[inline(always)]
unsafe fn copy_block(from: *const u8, to: *mut u8, list: usize) {
    type Step = MaybeUninit<[u8; STEP]>;
    for step in 0..=list {
        // SAFETY: the step lies within both blocks; `MaybeUninit` may hold what was not written.
        unsafe { *to.cast::<Step>().add(step) = *from.cast::<Step>().add(step) };
    }
}

impl<S: GlobalAlloc> Blocks<S> {
    /// # Safety
    /// `list` is below [`LISTS`], and no other call on this allocator is under way.
    #[inline(always)]
    unsafe fn pop(&self, list: usize) -> *mut u8 {
        // SAFETY: one thread, and nothing below calls back into this allocator.
        let lists = unsafe { &mut *self.lists.get() };
        let first = lists.free[list];
        if first.is_null() {
            // SAFETY: as promised by the caller.
            return unsafe { self.carve(lists, (list + 1) * STEP) };
        }
        // SAFETY: what is on a list is a free block, which holds its `Free`.
        lists.free[list] = unsafe { (*first).next };
        first.cast()
    }

    /// Cuts a block off the chunk, which is replaced when it is used up.
    ///
    /// # Safety
    /// `size` is a number of whole steps and no more than a chunk.
    #[inline(never)]
    unsafe fn carve(&self, lists: &mut Lists, size: usize) -> *mut u8 {
        if lists.remaining < size {
            // SAFETY: the layout is not empty, and STEP is a power of two.
            let chunk = unsafe {
                self.system
                    .alloc(Layout::from_size_align_unchecked(CHUNK, STEP))
            };
            if chunk.is_null() {
                return null_mut();
            }
            (lists.next, lists.remaining) = (chunk, CHUNK);
        }
        let block = lists.next;
        // SAFETY: `size` is no more than the rest of the chunk.
        lists.next = unsafe { block.add(size) };
        lists.remaining -= size;
        block
    }
}

// SAFETY: a block is at least as long as its layout, aligned to STEP, and on no list while it
// is in use; all else is the system's.
unsafe impl<S: GlobalAlloc> GlobalAlloc for Blocks<S> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match list(layout) {
            // SAFETY: `list` answers below LISTS.
            Some(list) => unsafe { self.pop(list) },
            // SAFETY: the caller's promise is passed on.
            None => unsafe { self.system.alloc(layout) },
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match list(layout) {
            Some(list) => {
                // SAFETY: one thread; the block came from `pop` for the same list, is aligned
                // for `Free`, and the caller no longer uses it.
                unsafe {
                    let lists = &mut *self.lists.get();
                    let block = block.cast::<Free>();
                    block.write(Free {
                        next: lists.free[list],
                    });
                    lists.free[list] = block;
                }
            }
            // SAFETY: the block came from the system.
            None => unsafe { self.system.dealloc(block, layout) },
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(list) = list(layout) else {
            // SAFETY: the caller's promise is passed on.
            return unsafe { self.system.alloc_zeroed(layout) };
        };
        // SAFETY: `list` answers below LISTS, and the block is `list + 1` steps long.
        unsafe {
            let block = self.pop(list);
            if !block.is_null() {
                for step in 0..=list {
                    *block.cast::<[u8; STEP]>().add(step) = [0; STEP];
                }
            }
            block
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `size` with this alignment is a layout.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        let (from, to) = match (list(layout), list(wanted)) {
            (Some(from), Some(to)) if from == to => return block,
            // SAFETY: the block came from the system and stays there.
            (None, None) => return unsafe { self.system.realloc(block, layout, size) },
            lists => lists,
        };
        // SAFETY: the new block is another one, and the shorter of the two that came from a
        // list is no longer than either.
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                let shorter = from.unwrap_or(LISTS).min(to.unwrap_or(LISTS));
                copy_block(block, new, shorter);
                self.dealloc(block, layout);
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use std::alloc::System;

    use super::*;

    fn filled(memory: &Blocks<System>, layout: Layout, with: u8) -> *mut u8 {
        // SAFETY: the layouts of these tests are not empty.
        unsafe {
            let block = memory.alloc(layout);
            assert!(block.addr().is_multiple_of(layout.align()));
            block.write_bytes(with, layout.size());
            block
        }
    }

    fn holds(block: *const u8, with: u8, bytes: usize) -> bool {
        // SAFETY: `filled` wrote them.
        (0..bytes).all(|at| unsafe { block.add(at).read() } == with)
    }

    #[test]
    fn blocks_are_apart_and_come_back() {
        let memory = Blocks::over(System);
        let layout = |n: usize| Layout::from_size_align(1 + n * 7 % 700, 1 << (n % 6)).unwrap();
        // Miri looks at every byte.
        let count = if cfg!(miri) { 200 } else { 4_000 };
        let blocks: Vec<*mut u8> = (0..count)
            .map(|n| filled(&memory, layout(n), n as u8))
            .collect();
        for (n, block) in blocks.iter().enumerate() {
            assert!(holds(*block, n as u8, layout(n).size()), "block {n}");
        }
        // SAFETY: each block is returned once, with its layout.
        blocks
            .iter()
            .enumerate()
            .for_each(|(n, block)| unsafe { memory.dealloc(*block, layout(n)) });
        let small = Layout::from_size_align(40, 8).unwrap();
        let first = filled(&memory, small, 1);
        // SAFETY: as above.
        unsafe { memory.dealloc(first, small) };
        assert_eq!(
            filled(&memory, small, 2),
            first,
            "the last one back is the next one out"
        );
    }

    #[test]
    fn growing_and_shrinking_keep_what_is_there() {
        let memory = Blocks::over(System);
        for (from, to) in [
            (3, 16),
            (3, 17),
            (500, 512),
            (512, 513),
            (512, 5_000),
            (5_000, 9_000),
            (9_000, 40),
            (200, 5),
        ] {
            let layout = Layout::from_size_align(from, 8).unwrap();
            let block = filled(&memory, layout, 7);
            // SAFETY: the block has this layout.
            let moved = unsafe { memory.realloc(block, layout, to) };
            assert!(holds(moved, 7, from.min(to)), "{from} to {to}");
            // SAFETY: it has the new size now.
            unsafe { memory.dealloc(moved, Layout::from_size_align(to, 8).unwrap()) };
            let zeroed = Layout::from_size_align(to, 8).unwrap();
            // SAFETY: the layout is not empty, and the block goes back with it.
            unsafe {
                let block = memory.alloc_zeroed(zeroed);
                assert!(holds(block, 0, to), "{to} zeroes");
                memory.dealloc(block, zeroed);
            }
        }
    }
}
