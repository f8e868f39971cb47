// What Swift imports: the module by its name.
@import Handclasp;

unsigned version(void) { return hc_version(); }
