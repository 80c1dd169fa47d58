package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.child.Children;
import dev.dunlin.core.child.Children.OwnedChild;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.JavaProcess;
import dev.dunlin.testing.Thief;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The bug that this project starts from: a perfect save whose command's status somebody else in the
 * process has taken. It is failed, with that cause, and the guest runs on. In a JVM of its own.
 */
class StolenStatusTest {
  @Test
  void a_stolen_status_fails_the_migration_and_says_so() {
    try (ChildProcess vm = JavaProcess.start(RobbedVm.class)) {
      ChildProcess.Result result = vm.awaitResult(Await.GENEROUS);
      List<String> said = result.stdout().lines().toList();
      assertEquals(2, said.size(), () -> result.stdout() + result.stderr());
      assertEquals(
          "failed (Migration command exit status lost: ",
          said.get(0).substring(0, Math.min(44, said.get(0).length())));
      assertEquals("RUNNING", said.get(1));
    }
  }

  /** Migrates while a thief waits for any child. */
  static final class RobbedVm {
    private RobbedVm() {}

    public static void main(String[] arguments) throws Exception {
      try (Thief thief = Thief.start();
          TestVm vm = TestVm.none(16).children(real -> new Slow(real, thief)).start().running()) {
        vm.hmp("migrate \"exec:cat >/dev/null\"");
        System.out.println(vm.statusLine());
        System.out.println(vm.state());
      }
    }
  }

  /** Looks for a status only when the thief has it. */
  private record Slow(Children real, Thief thief) implements Children {
    @Override
    public Child spawn(String owner, SpawnRequest request, Consumer<ExitStatus> onExit)
        throws PosixException {
      return real.spawn(owner, request, onExit);
    }

    @Override
    public OwnedChild spawnOwned(String owner, SpawnRequest request) throws PosixException {
      OwnedChild child = real.spawnOwned(owner, request);
      return new OwnedChild() {
        @Override
        public int pid() {
          return child.pid();
        }

        @Override
        public int pidfd() {
          return child.pidfd();
        }

        @Override
        public boolean signal(int signal) {
          return child.signal(signal);
        }

        @Override
        public ExitStatus await(long timeoutNanos) {
          thief.awaitTheftFrom(child.pid());
          return child.await(timeoutNanos);
        }

        @Override
        public void close() {
          child.close();
        }
      };
    }
  }
}
