//! Memory from functions of the program.

use core::{
    alloc::{GlobalAlloc, Layout},
    ffi::c_void,
    mem, ptr,
};

unsafe extern "C" {
    /// The program's function: `size` bytes, aligned as for any type (8 bytes), or NULL. Such as
    /// `pvPortMalloc`.
    fn hc_memory_allocate(size: usize) -> *mut c_void;
    /// The program's function: frees what `hc_memory_allocate` returned. Such as `vPortFree`.
    fn hc_memory_free(memory: *mut c_void);
}

/// The alignment that the program's function gives.
const GIVEN: usize = 8;

struct Hooks;

#[global_allocator]
static HOOKS: Hooks = Hooks;

// SAFETY: blocks come from the program's function, which promises their size and an alignment of 8. For a
// larger alignment the block is larger, and the address of its start stands before the part that is used.
unsafe impl GlobalAlloc for Hooks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= GIVEN {
            // SAFETY: the program's function.
            return unsafe { hc_memory_allocate(layout.size()) }.cast();
        }
        let front = layout.align().saturating_add(mem::size_of::<*mut u8>());
        let Some(size) = layout.size().checked_add(front) else { return ptr::null_mut() };
        // SAFETY: the program's function.
        let start: *mut u8 = unsafe { hc_memory_allocate(size) }.cast();
        if start.is_null() {
            return start;
        }
        // SAFETY: between the pointer and `front` there is an aligned address with room for a pointer
        // before it, and `layout.size()` bytes behind it: the block is `front` bytes longer.
        unsafe {
            let least = start.add(mem::size_of::<*mut u8>());
            let used = least.add(least.align_offset(layout.align()));
            used.cast::<*mut u8>().sub(1).write_unaligned(start);
            used
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.align() <= GIVEN {
            // SAFETY: the program's function, and a block of `hc_memory_allocate`.
            return unsafe { hc_memory_free(block.cast()) };
        }
        // SAFETY: `alloc` wrote the start of the block before the part that is used.
        unsafe {
            let start = block.cast::<*mut u8>().sub(1).read_unaligned();
            hc_memory_free(start.cast());
        }
    }
}
