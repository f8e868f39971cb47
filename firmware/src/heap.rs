//! The heap, which counts: bytes in use and the most that ever were, as requested.

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::Cell,
    mem::MaybeUninit,
};

use embedded_alloc::LlffHeap;

/// Counters in bytes, and a number.
#[derive(Clone, Copy)]
pub struct Count {
    /// Bytes in use.
    pub now: usize,
    /// Most bytes in use at any time.
    pub peak: usize,
    /// Number of allocations so far.
    pub allocations: usize,
}

/// The heap.
pub struct CountedHeap {
    inner: LlffHeap,
    count: Cell<Count>,
}

const SIZE: usize = 32 * 1024;

/// Memory of the heap. Not in .bss: it is never read before it is written, and static RAM excludes it.
#[unsafe(link_section = ".uninit.heap")]
static mut MEMORY: MaybeUninit<[u64; SIZE / 8]> = MaybeUninit::uninit();

// SAFETY: the program has one core and no interrupt handler allocates, so calls do not overlap;
// `LlffHeap` synchronizes itself.
unsafe impl Sync for CountedHeap {}

// SAFETY: blocks come from `LlffHeap`, with the layout as requested. Neither function is inlined: there
// are hundreds of calls.
unsafe impl GlobalAlloc for CountedHeap {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout is not empty.
        let block = unsafe { self.inner.alloc(layout) };
        if !block.is_null() {
            let Count { now, peak, allocations } = self.count.get();
            let now = now + layout.size();
            self.count.set(Count { now, peak: peak.max(now), allocations: allocations + 1 });
        }
        block
    }

    #[inline(never)]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let count = self.count.get();
        self.count.set(Count { now: count.now - layout.size(), ..count });
        // SAFETY: the caller's block and layout are those of `alloc`.
        unsafe { self.inner.dealloc(pointer, layout) }
    }
}

impl CountedHeap {
    /// Gives the heap its memory. Must be called once, before any allocation; a second call panics.
    pub(crate) fn begin(&self) {
        // SAFETY: `init` refuses a second call, so MEMORY has a single owner, and nothing else refers to
        // it. Its size is SIZE.
        unsafe { self.inner.init(&raw mut MEMORY as usize, SIZE) }
    }

    /// Returns the counters.
    pub fn count(&self) -> Count {
        self.count.get()
    }
}

/// The heap of every program.
#[global_allocator]
pub static HEAP: CountedHeap =
    CountedHeap { inner: LlffHeap::empty(), count: Cell::new(Count { now: 0, peak: 0, allocations: 0 }) };
