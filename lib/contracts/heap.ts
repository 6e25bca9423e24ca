/**
 * Node's options for a process that works on pixels. V8 counts pixels, which lie beside its heap, as a part of it, and by
 * itself collects a heap of 15 MB whole as soon as 23 MB have been added: several times for each photo. With these it
 * waits for 45, and most pixels are gone before, since those that are young are given back at 32.
 * @param megabytes of JavaScript objects that it may hold
 */
export function heapOptions(megabytes: number): string[] {
  return [`--max-old-space-size=${megabytes}`, '--heap-growing-percent=300'];
}
