//! transcript hash, key schedules, Finished, binders, signed content
