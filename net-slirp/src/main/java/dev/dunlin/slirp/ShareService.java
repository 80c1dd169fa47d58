package dev.dunlin.slirp;

import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.slirp.host.ChildPlan;
import dev.dunlin.slirp.host.ChildStarter;
import dev.dunlin.slirp.host.ChildWords;
import dev.dunlin.slirp.smb.SmbServer;
import java.io.IOException;
import java.util.Optional;

/**
 * The shares of one network: the server's helpers, one a connection, and the companion that some
 * servers need beside them. Emulator's loop.
 */
final class ShareService implements AutoCloseable {
  private final String network;
  private final SmbServer server;
  private final Optional<ChildStarter.Companion> companion;

  ShareService(String network, SmbServer server, ChildStarter starter) {
    this.network = network;
    this.server = server;
    this.companion =
        server.companion().map(isUp -> starter.companion(new ShareChild("smb companion"), isUp));
  }

  /** A helper for a connection of the guest's. */
  ChildPlan plan() {
    return new ShareChild("smb") {
      @Override
      public void whenReady(Runnable then) {
        companion.ifPresentOrElse(beside -> beside.whenUp(then), then);
      }
    };
  }

  /** What is on disk goes with the last helper. */
  @Override
  public void close() {
    server.close();
    companion.ifPresent(ChildStarter.Companion::close);
  }

  private class ShareChild implements ChildPlan {
    private final String service;

    ShareChild(String service) {
      this.service = service;
    }

    @Override
    public String network() {
      return network;
    }

    @Override
    public String service() {
      return service;
    }

    @Override
    public SpawnRequest request() throws IOException {
      return server.helper();
    }

    @Override
    public boolean isOrderly(ExitStatus status) {
      return server.isOrderly(status);
    }

    @Override
    public Optional<ChildWords> words() {
      return Optional.of(server.words());
    }

    @Override
    public Optional<String> trouble() {
      return server.trouble();
    }

    @Override
    public Runnable started(int pid) throws IOException {
      SmbServer.Connection helper = server.started(pid);
      return helper::ended;
    }
  }
}
