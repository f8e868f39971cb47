
#ifdef __cplusplus
extern "C" {
#endif

/* Builds with the feature `hooks` call these functions, which the program provides, such as with
 * pvPortMalloc and vPortFree. Memory is aligned to 8 bytes; NULL: there is none. */
void *hc_memory_allocate(size_t size);
void hc_memory_free(void *memory);

#ifdef __cplusplus
}
#endif
