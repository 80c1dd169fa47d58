package dev.dunlin.slirp.service;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where TFTP reads files from. */
@FunctionalInterface
public interface FileSource {
  /** Opens a file by the name that the guest sent. */
  OpenFile open(String name) throws Denied;

  /** One open file. */
  interface OpenFile extends AutoCloseable {
    /** Length when it was opened. */
    long size();

    /** Reads from {@code position} until {@code into} is full or the file ends. */
    void read(long position, ByteBuffer into) throws IOException;

    /** Idempotent. */
    @Override
    void close();
  }

  /** Why a file can't be had, as a TFTP error. */
  final class Denied extends Exception {
    private static final long serialVersionUID = 1L;
    private final int code;

    public Denied(int code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    public int code() {
      return code;
    }
  }
}
