//! Memory from one block that the program hands over.

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::UnsafeCell,
    ptr::{self, NonNull},
};

use linked_list_allocator::Heap;

use crate::codes::{Code, HC_LENGTH, HC_NULL, HC_OK, HC_ORDER};

struct Arena(UnsafeCell<Heap>);

// SAFETY: the rule of builds with an arena, documented at `hc_memory`: calls of this library do not overlap,
// neither by threads nor by interrupts. So no two references to the heap exist at once.
unsafe impl Sync for Arena {}

#[global_allocator]
static ARENA: Arena = Arena(UnsafeCell::new(Heap::empty()));

// SAFETY: blocks come from the heap with the layout that was asked for, and return to it with the same one.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: calls do not overlap, see above.
        let heap = unsafe { &mut *self.0.get() };
        heap.allocate_first_fit(layout).map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(block) = NonNull::new(block) else { return };
        // SAFETY: calls do not overlap; the block came from `alloc` with this layout.
        unsafe { (*self.0.get()).deallocate(block, layout) }
    }
}

/// Hands over the memory that this library works in: `length` bytes, at least 1024, that are not used for
/// anything else from now on. Once, before every other call. A client with a pre-shared key and
/// records of 1 KB needs 9 KB in TLS 1.2 and 10 KB in TLS 1.3, of which 3 KB are the reserve of every call.
///
/// In this build calls of this library must not overlap: all from one thread (lwIP's tcpip thread, one
/// FreeRTOS task), or each inside the same lock; none from an interrupt.
///
/// Returns `HC_ORDER` the second time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_memory(memory: *mut u8, length: usize) -> Code {
    if memory.is_null() {
        return HC_NULL;
    }
    if length < 1024 {
        return HC_LENGTH;
    }
    // SAFETY: calls do not overlap, see above.
    let heap = unsafe { &mut *ARENA.0.get() };
    if heap.size() != 0 {
        return HC_ORDER;
    }
    // SAFETY: the caller gives up `length` bytes for ever; the heap is empty, as `init` requires.
    unsafe { heap.init(memory, length) };
    HC_OK
}

/// Bytes of the arena that are in use, and its size. For measuring; either may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_memory_used(used: *mut usize, size: *mut usize) {
    // SAFETY: calls do not overlap, see above.
    let heap = unsafe { &*ARENA.0.get() };
    for (out, value) in [(used, heap.used()), (size, heap.size())] {
        // SAFETY: an `out` pointer; NULL is refused by `put`, and that is permitted here.
        let _ = unsafe { crate::boundary::put(out, value) };
    }
}
