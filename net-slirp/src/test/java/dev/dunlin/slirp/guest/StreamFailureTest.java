package dev.dunlin.slirp.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.slirp.host.HostLoop;
import dev.dunlin.slirp.host.HostStream;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams of the host to places where a router says no. */
@NoLeaks
@RequiresPeer({"ip", "sysctl"})
class StreamFailureTest {

  @Test
  void what_a_router_refuses_fails_with_its_error_and_its_address() throws Exception {
    try (GuestLab lab = GuestLab.start("", List.of())) {
      Optional<IpAddr> router = Optional.of(IpAddr.parse(GuestLab.ROUTER));
      assertEquals(
          new HostFailure(IpError.HOST_UNREACHABLE, 0, router), failure(lab, "203.0.113.200"));
      assertEquals(new HostFailure(IpError.ADMIN_PROHIBITED, 0, router), failure(lab, "192.0.2.1"));
      assertEquals(HostFailure.refused(), failure(lab, GuestLab.ROUTER));
      lab.host.ip("route", "add", "prohibit", "203.0.113.1");
      assertEquals(HostFailure.of(IpError.ADMIN_PROHIBITED), failure(lab, "203.0.113.1"));
    }
  }

  private static HostFailure failure(GuestLab lab, String to) throws Exception {
    CompletableFuture<HostFailure> failure = new CompletableFuture<>();
    HostLoop host = lab.onThread(() -> new HostLoop(lab.thread(), new DropCounters()));
    lab.onThread(() -> HostStream.connect(host, IpAddr.parse(to), 9, new Failing(failure)));
    HostFailure told = failure.get(20, TimeUnit.SECONDS);
    lab.onThread(
        () -> {
          host.close();
          return true;
        });
    return told;
  }

  private record Failing(CompletableFuture<HostFailure> failure) implements HostStream.Listener {
    @Override
    public void connected(long now) {
      failure.completeExceptionally(new AssertionError("connected"));
    }

    @Override
    public void failed(HostFailure told, long now) {
      failure.complete(told);
    }

    @Override
    public void readable(long now) {}

    @Override
    public void writable(long now) {}

    @Override
    public void ended(long now) {}

    @Override
    public void reset(long now) {
      failure.completeExceptionally(new AssertionError("reset"));
    }
  }
}
