package dev.dunlin.core.posix;

/**
 * Files that live in memory; Linux. Public only because JNR implements it from a class loader of
 * its own.
 */
public interface LibcMemory {
  /** memfd_create(2) flag: closed in children. */
  int MFD_CLOEXEC = 1;

  int SEEK_DATA = 3;
  int SEEK_HOLE = 4;

  int FALLOC_FL_KEEP_SIZE = 1;
  int FALLOC_FL_PUNCH_HOLE = 2;

  int memfd_create(String name, int flags);

  int ftruncate(int fd, long length);

  long lseek(int fd, long offset, int whence);

  int fallocate(int fd, int mode, long offset, long length);

  int close(int fd);
}
