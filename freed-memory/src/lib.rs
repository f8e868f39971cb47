//! An allocator for tests that keeps a copy of every block which a watched thread gives back, as it
//! was at that moment. A test program that names [`Watcher`] as its global allocator can then ask
//! whether a secret stood in freed memory. Only what Rust code allocates is seen: a C library has an
//! allocator of its own, and stacks are never given back.
//!
//! `unsafe` is needed to implement [`GlobalAlloc`], and for nothing else. Each block is read once,
//! between the owner's last use and the system's `dealloc`, when nobody else has a pointer to it.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::{Cell, RefCell},
};

/// The allocator: the system's, whose freed blocks can be looked at.
pub struct Watcher;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static FREED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

// SAFETY: every call goes to `System` with the arguments that it was given. `realloc` is the trait's
// own (a new block, a copy, the old block back), so that a block which grows is seen too.
unsafe impl GlobalAlloc for Watcher {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // The copies are allocated and freed here too: the thread is not watched meanwhile.
        if WATCHED.try_with(|watched| watched.replace(false)).unwrap_or(false) {
            // SAFETY: the block is the caller's, `layout.size()` bytes long, and still allocated.
            // Volatile: the compiler may assume nothing about bytes that were never written.
            let bytes = (0..layout.size()).map(|at| unsafe { block.add(at).read_volatile() });
            let bytes: Vec<u8> = bytes.collect();
            let _ = FREED.try_with(|freed| freed.borrow_mut().push(bytes));
            WATCHED.set(true);
        }
        // SAFETY: the caller's block and layout.
        unsafe { System.dealloc(block, layout) }
    }
}

/// The blocks that a thread gave back.
pub struct Freed(Vec<Vec<u8>>);

/// Runs `body` and returns what this thread gave back meanwhile.
///
/// # Panics
/// Where [`Watcher`] is not the program's global allocator: then nothing is ever seen.
pub fn watch<R>(body: impl FnOnce() -> R) -> (R, Freed) {
    FREED.take();
    WATCHED.set(true);
    drop(std::hint::black_box(Box::new([0xa5_u8; 16])));
    let result = body();
    WATCHED.set(false);
    let freed = Freed(FREED.take());
    assert!(!freed.blocks_with(&[0xa5; 16]).is_empty(), "Watcher is not the global allocator");
    (result, freed)
}

/// Runs `body`, which belongs to the test and not to what is watched, within [`watch`].
pub fn unwatched<R>(body: impl FnOnce() -> R) -> R {
    let watched = WATCHED.replace(false);
    let result = body();
    WATCHED.set(watched);
    result
}

impl Freed {
    /// The sizes of the freed blocks in which these bytes stood.
    pub fn blocks_with(&self, secret: &[u8]) -> Vec<usize> {
        let holds = |block: &&Vec<u8>| block.windows(secret.len().max(1)).any(|window| window == secret);
        self.0.iter().filter(holds).map(Vec::len).collect()
    }

    /// How many blocks there were.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
