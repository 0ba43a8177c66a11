/**
 * How a thread that has just worked ends.
 *
 * Node 20 fails where V8 still optimises its code. Terminated, it may abort the process
 * ("ForIsolate" in node_platform.cc). Left to end by itself, it may wait for ever for a task of V8
 * that waits for the thread, as does every thread that ends after it in that process
 * (nodejs/node#54918, #58047).
 */

/** To stand last in a thread's program: it ends only when V8 has had time to finish. */
export const END_LATER = "setTimeout(() => {}, 100);";
