package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * Starting processes and waiting for them: posix_spawn(3) whose error is its return value,
 * waitid(2), and pidfds by system call number, since glibc 2.36 wraps only some of them.
 */
final class LibcProcess {
  static final Calls LIBC = NativeLibrary.bind(Calls.class);

  private LibcProcess() {}

  /** As in the manual's sections 2 and 3. */
  public interface Calls {
    int posix_spawnp(
        @Out int[] pid,
        @In String program,
        ByteBuffer fileActions,
        ByteBuffer attributes,
        Pointer argv,
        Pointer environment);

    int posix_spawn_file_actions_init(ByteBuffer actions);

    int posix_spawn_file_actions_destroy(ByteBuffer actions);

    int posix_spawn_file_actions_adddup2(ByteBuffer actions, int from, int to);

    int posix_spawn_file_actions_addclosefrom_np(ByteBuffer actions, int from);

    int posix_spawn_file_actions_addchdir_np(ByteBuffer actions, @In String path);

    int posix_spawnattr_init(ByteBuffer attributes);

    int posix_spawnattr_destroy(ByteBuffer attributes);

    int posix_spawnattr_setflags(ByteBuffer attributes, short flags);

    int posix_spawnattr_setsigmask(ByteBuffer attributes, ByteBuffer mask);

    int posix_spawnattr_setsigdefault(ByteBuffer attributes, ByteBuffer set);

    int waitid(int idType, int id, ByteBuffer siginfo, int options);

    int getpid();

    int kill(int pid, int signal);

    /** Four integers: a fifth and sixth after the number would meet jnr's trap at six. */
    long syscall(long number, long first, long second, long third, long fourth);
  }
}
