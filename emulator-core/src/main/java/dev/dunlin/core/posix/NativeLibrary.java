package dev.dunlin.core.posix;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * Binds one topic's interface to libc. A binding costs start-up time in proportion to its methods,
 * so each topic has an interface of its own, bound when first used (initialization-on-demand holder
 * in the class around it). The interface must be public, for jnr generates its class elsewhere; the
 * class around it is not, so that nobody outside this package can call libc.
 */
final class NativeLibrary {
  private NativeLibrary() {}

  static <T> T bind(Class<T> topic) {
    return LibraryLoader.create(topic).failImmediately().load("c");
  }

  /** errno of the calling thread's last bound call; read it at once. */
  static int errno() {
    return Runtime.getSystemRuntime().getLastError();
  }
}
