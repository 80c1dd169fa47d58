package dev.dunlin.slirp.smb;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.slirp.host.ChildWords;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Says yes to every share and has nothing behind it: for tests on a host without Samba. */
public final class UncheckedShares implements SmbProvider {
  @Override
  public void check(SmbSettings settings) {}

  @Override
  public SmbServer open(SmbSettings settings) {
    return new SmbServer() {
      @Override
      public SpawnRequest helper() {
        return SpawnRequest.of("false");
      }

      @Override
      public Connection started(int pid) {
        return () -> {};
      }

      @Override
      public boolean isOrderly(ExitStatus status) {
        return status.isSuccess();
      }

      @Override
      public Optional<String> trouble() {
        return Optional.empty();
      }

      @Override
      public ChildWords words() {
        return new SambaLog(ImmutableMap.of());
      }

      @Override
      public Optional<BooleanSupplier> companion() {
        return Optional.empty();
      }

      @Override
      public void close() {}
    };
  }
}
