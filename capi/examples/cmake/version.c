/* Prints the version of the library, and whether it fits the header. */
#include <handclasp.h>
#include <stdio.h>

int main(void)
{
    int fits = hc_version() >> 8 == (HC_VERSION_MAJOR << 8 | HC_VERSION_MINOR);
    printf("handclasp %s%s\n", hc_version_text(), fits ? "" : ": another version than the header");
    return fits ? 0 : 1;
}
