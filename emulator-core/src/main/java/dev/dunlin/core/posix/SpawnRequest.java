package dev.dunlin.core.posix;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;

/**
 * What to start and how: the child gets exactly fds 0–2 as given here, an empty signal mask and
 * default dispositions.
 *
 * @param argv program (looked up in PATH unless it has a slash) and arguments
 * @param environment complete, or empty to inherit
 * @param stdin fd number of this process that becomes the child's 0; {@link #DEV_NULL} for
 *     /dev/null; {@link #INHERIT}
 * @param ownSession whether the child calls setsid(2) first
 * @param dieWithVm whether it must not outlive this process, even one that is killed by SIGKILL
 */
public record SpawnRequest(
    ImmutableList<String> argv,
    Optional<ImmutableMap<String, String>> environment,
    Optional<String> directory,
    int stdin,
    int stdout,
    int stderr,
    boolean ownSession,
    boolean dieWithVm) {

  public static final int DEV_NULL = -1;
  public static final int INHERIT = -2;

  /** {@code argv} with /dev/null on 0 and 1, stderr inherited, in this process's session. */
  public static SpawnRequest of(String... argv) {
    return new SpawnRequest(
        ImmutableList.copyOf(argv),
        Optional.empty(),
        Optional.empty(),
        DEV_NULL,
        DEV_NULL,
        INHERIT,
        false,
        false);
  }

  /** {@code /bin/sh -c command}, as popen(3) and QEMU's exec: start it. */
  public static SpawnRequest shell(String command) {
    return of("/bin/sh", "-c", command);
  }

  public SpawnRequest withFds(int stdin, int stdout, int stderr) {
    return new SpawnRequest(
        argv, environment, directory, stdin, stdout, stderr, ownSession, dieWithVm);
  }

  public SpawnRequest inOwnSession() {
    return new SpawnRequest(argv, environment, directory, stdin, stdout, stderr, true, dieWithVm);
  }

  public SpawnRequest dyingWithVm() {
    return new SpawnRequest(argv, environment, directory, stdin, stdout, stderr, ownSession, true);
  }
}
