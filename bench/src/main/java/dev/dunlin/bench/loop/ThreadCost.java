package dev.dunlin.bench.loop;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What a running thread cost so far. */
final class ThreadCost {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ThreadCost() {}

  /** System calls included. */
  static long cpuNanosOf(Thread thread) {
    return Math.max(0, THREADS.getThreadCpuTime(thread.getId()));
  }

  static long allocatedBytesOf(Thread thread) {
    return Math.max(0, THREADS.getThreadAllocatedBytes(thread.getId()));
  }
}
