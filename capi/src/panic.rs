//! Without an operating system a panic cannot be caught: it ends in a function of the program, or halts.
//! A panic is a bug of this library, or an allocation that failed in spite of `memory::require`.

use core::{
    panic::PanicInfo,
    sync::atomic::{AtomicPtr, Ordering},
};

/// A function that a panic ends in. It must not return and must not call this library: it resets the
/// device, or logs and halts.
pub type PanicHook = Option<extern "C" fn()>;

static HOOK: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Sets the function that a panic ends in. Without it a panic halts in an endless loop, for a watchdog.
/// NULL removes it. In builds without an operating system.
#[unsafe(no_mangle)]
pub extern "C" fn hc_panic_hook(hook: PanicHook) {
    let pointer = hook.map_or(core::ptr::null_mut(), |hook| hook as *mut ());
    HOOK.store(pointer, Ordering::Relaxed);
}

#[cfg(not(test))]
#[panic_handler]
fn halt(_: &PanicInfo<'_>) -> ! {
    let hook = HOOK.load(Ordering::Relaxed);
    if !hook.is_null() {
        // SAFETY: `hc_panic_hook` stored a function of this type.
        let hook = unsafe { core::mem::transmute::<*mut (), extern "C" fn()>(hook) };
        hook();
    }
    loop {
        core::hint::spin_loop();
    }
}
