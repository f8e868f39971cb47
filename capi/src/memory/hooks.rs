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

#[cfg_attr(not(test), global_allocator)]
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

#[cfg(test)]
mod tests {
    use std::{
        alloc::{alloc, dealloc},
        cell::RefCell,
        collections::HashMap,
        vec::Vec,
    };

    use super::*;

    std::thread_local! {
        /// Blocks of the program and their sizes.
        static BLOCKS: RefCell<HashMap<usize, usize>> = RefCell::default();
        static IS_EXHAUSTED: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
    }

    #[unsafe(no_mangle)]
    extern "C" fn hc_memory_allocate(size: usize) -> *mut c_void {
        if IS_EXHAUSTED.get() {
            return ptr::null_mut();
        }
        // SAFETY: a size above 0. The address is a multiple of 8 and of nothing more.
        let block = unsafe { alloc(Layout::from_size_align(size + 8, 16).unwrap()).add(8) };
        BLOCKS.with_borrow_mut(|blocks| blocks.insert(block as usize, size));
        block.cast()
    }

    #[unsafe(no_mangle)]
    extern "C" fn hc_memory_free(memory: *mut c_void) {
        let size = BLOCKS.with_borrow_mut(|blocks| blocks.remove(&(memory as usize)));
        let size = size.expect("a block of this program, freed once");
        // SAFETY: allocated above with this layout.
        unsafe { dealloc(memory.cast::<u8>().sub(8), Layout::from_size_align(size + 8, 16).unwrap()) }
    }

    #[test]
    fn blocks_are_aligned_lie_within_the_programs_and_return_to_it() {
        let layouts: Vec<Layout> = [1, 4, 8, 16, 32, 64, 128]
            .iter()
            .flat_map(|align| [1, 7, 100].map(|size| Layout::from_size_align(size, *align).unwrap()))
            .collect();
        for layout in layouts {
            // SAFETY: a size above 0.
            let block = unsafe { HOOKS.alloc(layout) };
            assert_eq!(block.align_offset(layout.align()), 0, "{layout:?}");
            let within = |(start, size): (&usize, &usize)| {
                *start <= block as usize && block as usize + layout.size() <= start + size
            };
            assert!(BLOCKS.with_borrow(|blocks| blocks.iter().any(within)), "{layout:?}");
            // SAFETY: the block has this layout.
            unsafe {
                block.write_bytes(0xff, layout.size());
                HOOKS.dealloc(block, layout);
            }
            assert!(BLOCKS.with_borrow(HashMap::is_empty), "{layout:?}");
        }
    }

    #[test]
    fn no_memory_and_no_overflow() {
        IS_EXHAUSTED.set(true);
        for align in [4, 64] {
            // SAFETY: a size above 0.
            let block = unsafe { HOOKS.alloc(Layout::from_size_align(10, align).unwrap()) };
            assert!(block.is_null());
        }
        IS_EXHAUSTED.set(false);
    }
}
