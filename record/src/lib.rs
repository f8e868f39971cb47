//! deframe, fragment, protect and unprotect
