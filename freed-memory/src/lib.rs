//! An allocator for tests that copies every block which a watched thread frees, as it was at that
//! moment. A test program with [`Watcher`] as its global allocator can then check whether freed memory
//! contained a secret. It sees only allocations of Rust code: C libraries have allocators of their own,
//! and stacks are not freed.
//!
//! `unsafe` is needed to implement [`GlobalAlloc`] and to read a stack below its end. Each block is read
//! once, between the owner's last use and the system's `dealloc`, while no other pointer to it exists.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::{Cell, RefCell},
    mem::MaybeUninit,
};

/// The system's allocator with copies of freed blocks.
pub struct Watcher;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static FREED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

// SAFETY: every call goes to `System` with the caller's arguments. `realloc` is the trait's default (a
// new block, a copy, then freeing the old block), so blocks that grow are seen too.
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
        // The copies are allocated and freed here too, so the thread is not watched meanwhile.
        if WATCHED.try_with(|watched| watched.replace(false)).unwrap_or(false) {
            // SAFETY: the block belongs to the caller, is `layout.size()` bytes long and still
            // allocated. Volatile, because the compiler may assume anything about bytes that were never
            // written.
            let bytes = (0..layout.size()).map(|at| unsafe { block.add(at).read_volatile() });
            let bytes: Vec<u8> = bytes.collect();
            let _ = FREED.try_with(|freed| freed.borrow_mut().push(bytes));
            WATCHED.set(true);
        }
        // SAFETY: the caller's block and layout.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Copies of the blocks that a thread freed.
pub struct Freed(Vec<Vec<u8>>);

/// Runs `body` and returns the blocks that this thread freed meanwhile.
///
/// # Panics
/// If [`Watcher`] is not the program's global allocator, since nothing would be seen.
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

/// Runs `body` without watching, for code of the test itself within [`watch`].
pub fn unwatched<R>(body: impl FnOnce() -> R) -> R {
    let watched = WATCHED.replace(false);
    let result = body();
    WATCHED.set(watched);
    result
}

/// Bytes that [`left_on_stack`] reads.
const STACK: usize = 4096;

/// Copies what functions that the caller called before have left on the stack, to `place`, which the caller
/// allocates first: an allocation would overwrite it.
#[inline(never)]
pub fn left_on_stack(place: &mut [u8; STACK]) {
    let below = MaybeUninit::<[u8; STACK]>::uninit();
    for (at, byte) in place.iter_mut().enumerate() {
        // SAFETY: within the array. Volatile, because the compiler may assume anything about bytes that were
        // never written.
        *byte = unsafe { below.as_ptr().cast::<u8>().add(at).read_volatile() };
    }
}

impl Freed {
    /// Returns the sizes of the freed blocks that contain these bytes.
    pub fn blocks_with(&self, secret: &[u8]) -> Vec<usize> {
        let holds = |block: &&Vec<u8>| block.windows(secret.len().max(1)).any(|window| window == secret);
        self.0.iter().filter(holds).map(Vec::len).collect()
    }

    /// Returns the number of freed blocks.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
