package dev.dunlin.ram;

/**
 * Who asks for dirty pages; QEMU's DIRTY_MEMORY_* clients (include/exec/ramlist.h), and one for the
 * embedder.
 */
public enum DirtyClient {
  MIGRATION,
  VGA,
  EMBEDDER
}
