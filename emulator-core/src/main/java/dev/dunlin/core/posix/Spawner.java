package dev.dunlin.core.posix;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableMap;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts children with posix_spawnp(3). Any thread.
 *
 * <p>The child has fds 0–2 as asked and no other: nearly everything a JVM opens is inheritable, so
 * closing all from 3 on is the only list that is complete. Its signal mask is empty and every
 * signal is at its default, for JVM threads block SIGQUIT and may ignore others. posix_spawn tells
 * the exec's errno truthfully, before anybody has seen a child.
 */
public final class Spawner {
  private static final short POSIX_SPAWN_SETSIGDEF = 0x04;
  private static final short POSIX_SPAWN_SETSIGMASK = 0x08;
  private static final short POSIX_SPAWN_SETSID = 0x80;

  /**
   * Room for glibc's posix_spawnattr_t (336 bytes) and posix_spawn_file_actions_t (80), with spare.
   */
  private static final int OPAQUE_BYTES = 512;

  private static final int SIGSET_BYTES = 128;
  private static final int SIGKILL = 9;

  private Spawner() {}

  /**
   * Starts a child and returns its handle.
   *
   * @throws PosixException when there is no child: of posix_spawnp, chdir, or of what must be
   *     opened for it
   */
  public static PidFd spawn(SpawnRequest request) throws PosixException {
    return spawn(request, ImmutableMap.of());
  }

  /** As {@link #spawn(SpawnRequest)}, with variables added to the environment it asks for. */
  public static PidFd spawn(SpawnRequest request, ImmutableMap<String, String> added)
      throws PosixException {
    check(request);
    // Whether this kernel has pidfds, and whether one more descriptor is to be had, must be known
    // before there is a child that couldn't be watched.
    PidFd reservation = PidFd.open(LibcProcess.LIBC.getpid());
    int pid;
    try (StandardFds fds = StandardFds.of(request)) {
      pid = start(request, added, fds);
    } finally {
      reservation.close();
    }
    try {
      return PidFd.ofChild(pid);
    } catch (PosixException noHandle) {
      endUnwatchable(pid);
      throw noHandle;
    }
  }

  private static int start(
      SpawnRequest request, ImmutableMap<String, String> added, StandardFds fds)
      throws PosixException {
    ByteBuffer actions = zeroed(OPAQUE_BYTES);
    ByteBuffer attributes = zeroed(OPAQUE_BYTES);
    must("posix_spawn_file_actions_init", LibcProcess.LIBC.posix_spawn_file_actions_init(actions));
    try {
      must("posix_spawnattr_init", LibcProcess.LIBC.posix_spawnattr_init(attributes));
      try {
        addActions(actions, request, fds);
        setAttributes(attributes, request.ownSession() || request.dieWithVm());
        return call(request, added, actions, attributes);
      } finally {
        LibcProcess.LIBC.posix_spawnattr_destroy(attributes);
      }
    } finally {
      LibcProcess.LIBC.posix_spawn_file_actions_destroy(actions);
    }
  }

  private static int call(
      SpawnRequest request,
      ImmutableMap<String, String> added,
      ByteBuffer actions,
      ByteBuffer attributes)
      throws PosixException {
    int[] pid = new int[1];
    CStrings argv = new CStrings(bytes(request.argv()));
    CStrings environment = new CStrings(environment(request, added));
    try {
      int errno =
          LibcProcess.LIBC.posix_spawnp(
              pid,
              request.argv().get(0),
              actions,
              attributes,
              argv.pointer(),
              environment.pointer());
      if (errno != 0) {
        throw refusal(request, errno);
      }
      return pid[0];
    } finally {
      // Native code has both by address only, which keeps no Java object alive.
      Reference.reachabilityFence(argv);
      Reference.reachabilityFence(environment);
    }
  }

  private static void addActions(ByteBuffer actions, SpawnRequest request, StandardFds fds)
      throws PosixException {
    for (int target = 0; target < StandardFds.COUNT; target++) {
      must(
          "posix_spawn_file_actions_adddup2",
          LibcProcess.LIBC.posix_spawn_file_actions_adddup2(actions, fds.source(target), target));
    }
    must(
        "posix_spawn_file_actions_addclosefrom_np",
        LibcProcess.LIBC.posix_spawn_file_actions_addclosefrom_np(actions, StandardFds.COUNT));
    if (request.directory().isPresent()) {
      must(
          "posix_spawn_file_actions_addchdir_np",
          LibcProcess.LIBC.posix_spawn_file_actions_addchdir_np(
              actions, request.directory().get()));
    }
  }

  private static void setAttributes(ByteBuffer attributes, boolean ownSession)
      throws PosixException {
    ByteBuffer none = zeroed(SIGSET_BYTES);
    ByteBuffer all = zeroed(SIGSET_BYTES);
    for (int i = 0; i < SIGSET_BYTES; i++) {
      all.put(i, (byte) 0xff);
    }
    int flags =
        POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (ownSession ? POSIX_SPAWN_SETSID : 0);
    must(
        "posix_spawnattr_setflags",
        LibcProcess.LIBC.posix_spawnattr_setflags(attributes, (short) flags));
    must(
        "posix_spawnattr_setsigmask",
        LibcProcess.LIBC.posix_spawnattr_setsigmask(attributes, none));
    must(
        "posix_spawnattr_setsigdefault",
        LibcProcess.LIBC.posix_spawnattr_setsigdefault(attributes, all));
  }

  /** One errno stands for the whole spawn; a directory that isn't there gets its own name. */
  private static PosixException refusal(SpawnRequest request, int errno) {
    String directory = request.directory().orElse(".");
    return Files.isDirectory(Path.of(directory))
        ? new PosixException("posix_spawnp", '"' + request.argv().get(0) + '"', errno)
        : new PosixException("chdir", '"' + directory + '"', errno);
  }

  private static void check(SpawnRequest request) throws PosixException {
    Preconditions.checkArgument(!request.argv().isEmpty(), "argv is empty");
    ImmutableMap<String, String> environment = request.environment().orElse(ImmutableMap.of());
    boolean hasNul =
        Stream.of(
                request.argv().stream(),
                environment.keySet().stream(),
                environment.values().stream(),
                request.directory().stream())
            .flatMap(strings -> strings)
            .anyMatch(text -> text.indexOf('\0') >= 0);
    if (hasNul) {
      // C would silently cut the string there.
      throw new PosixException("posix_spawnp", "with a NUL in a string", Errno.EINVAL);
    }
  }

  /** No handle, no watch: better no child than one that nobody waits for. */
  private static void endUnwatchable(int pid) {
    LibcProcess.LIBC.kill(pid, SIGKILL);
    PidFd.collectByNumber(pid);
  }

  private static List<byte[]> environment(
      SpawnRequest request, ImmutableMap<String, String> added) {
    List<byte[]> all = new ArrayList<>();
    all.addAll(request.environment().map(Spawner::lines).orElseGet(HostEnvironment::lines));
    all.addAll(lines(added));
    return all;
  }

  private static List<byte[]> lines(ImmutableMap<String, String> environment) {
    return bytes(
        environment.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .toList());
  }

  private static List<byte[]> bytes(List<String> strings) {
    return strings.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static ByteBuffer zeroed(int bytes) {
    return ByteBuffer.allocateDirect(bytes);
  }

  private static void must(String call, int errno) throws PosixException {
    if (errno != 0) {
      throw new PosixException(call, "", errno);
    }
  }
}
