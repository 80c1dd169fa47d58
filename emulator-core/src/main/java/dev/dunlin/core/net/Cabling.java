package dev.dunlin.core.net;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.net.NetClient.Kind;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.posix.PosixException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Makes the frames of a {@link Network} go where its connections say. Stations are where frames
 * begin and end: backends, and cards that an embedder emulates. Each has a home {@link NetThread}
 * for life; those that are connected at start share one. After every change each station is told
 * again, on its thread, the port for what it sends: filters, hubs and bridges to other threads
 * folded into one. Loop thread.
 */
final class Cabling {
  private final Network network;
  private final MainLoop loop;
  private int threadsMade;
  private boolean guestStopped;

  Cabling(Network network, MainLoop loop) {
    this.network = network;
    this.loop = loop;
  }

  /** Gives every station a thread, one for all that are connected, and tells each. */
  void place() throws PosixException {
    for (NetClient client : network.clients()) {
      if (client.isStation() && client.thread().isEmpty()) {
        settle(connectedTo(client));
      }
    }
  }

  /** A thread for the stations among {@code clients}, if frames can come from anywhere. */
  private void settle(Set<NetClient> clients) throws PosixException {
    List<NetClient> stations = clients.stream().filter(NetClient::isStation).toList();
    boolean anyBackend = stations.stream().anyMatch(s -> s.kind() instanceof Kind.Backend);
    if (!anyBackend && stations.size() < 2) {
      return;
    }
    boolean serviced = stations.stream().anyMatch(Cabling::isServiced);
    NetThread thread =
        serviced
            ? NetThread.unthreaded(loop.clock())
            : NetThread.start("net " + threadsMade++ + " " + stations.get(0).name(), loop.clock());
    stations.forEach(station -> attach(station, thread));
  }

  private static boolean isServiced(NetClient station) {
    return station.nic().filter(NicPort::isServiced).isPresent();
  }

  private void attach(NetClient station, NetThread thread) {
    station.setThread(thread);
    if (station.kind() instanceof Kind.Backend backend) {
      backend.backend().attach(thread);
    }
    station.nic().ifPresent(nic -> nic.plug(thread, () -> loop.execute(this::update)));
  }

  private static Set<NetClient> connectedTo(NetClient first) {
    Set<NetClient> found = new LinkedHashSet<>();
    Deque<NetClient> next = new ArrayDeque<>(List.of(first));
    while (!next.isEmpty()) {
      NetClient client = next.remove();
      if (found.add(client)) {
        client.peer().ifPresent(next::add);
        if (client.kind() instanceof Kind.Port port) {
          next.addAll(port.hub().ports());
        }
      }
    }
    return found;
  }

  /** Tells every station where its frames go now. */
  void update() {
    for (NetClient station : network.clients()) {
      station.thread().ifPresent(thread -> tell(station, thread));
    }
  }

  /** Tells the backends that the guest's own cards are connected to. */
  void setGuestStopped(boolean stopped) {
    guestStopped = stopped;
    for (NetClient station : network.clients()) {
      station.thread().ifPresent(thread -> tellRun(station, thread));
    }
  }

  private void tellRun(NetClient station, NetThread thread) {
    if (station.kind() instanceof Kind.Backend backend) {
      boolean ours = connectedTo(station).stream().anyMatch(client -> client.nic().isPresent());
      GuestLife life =
          !ours ? GuestLife.ELSEWHERE : guestStopped ? GuestLife.STOPPED : GuestLife.RUNS;
      long at = loop.clock().nanoTime();
      thread.execute(() -> backend.backend().guestIs(life, at));
    }
  }

  private void tell(NetClient station, NetThread thread) {
    tellRun(station, thread);
    Route route = new Route(station, thread);
    FramePort port = route.outOf(station);
    Offload receivers = route.offload();
    if (station.kind() instanceof Kind.Backend backend) {
      thread.execute(() -> backend.backend().connect(port, receivers));
    } else {
      station.nic().ifPresent(nic -> thread.execute(() -> nic.connect(port)));
    }
  }

  /** Cuts a station off before it stops; what it still sends is dropped. */
  void detach(NetClient station) {
    station.nic().ifPresent(NicPort::unplug);
    station
        .thread()
        .ifPresent(
            thread -> {
              if (station.kind() instanceof Kind.Backend backend) {
                thread.execute(() -> backend.backend().connect(nowhere(station), Offload.NONE));
              }
            });
  }

  /** Where the frames of a station go that has nobody to hear them. */
  private static FramePort nowhere(NetClient station) {
    boolean down = station.isLinkDown() || station.peer().filter(NetClient::isLinkDown).isPresent();
    LinkDrops.Reason reason = down ? LinkDrops.Reason.LINK_DOWN : LinkDrops.Reason.NO_PEER;
    return frame -> {
      station.cable().count(reason);
      frame.release();
    };
  }

  /** Ends a thread that no client has any more. */
  CompletableFuture<Void> release(NetThread thread) {
    boolean inUse =
        network.clients().stream().anyMatch(c -> c.thread().filter(thread::equals).isPresent());
    return inUse ? CompletableFuture.completedFuture(null) : thread.stop().toCompletableFuture();
  }

  /** Plugs the embedder's cards in, before {@link #place}. */
  void plug(List<NicPort> cards) throws OptionException {
    for (NicPort card : cards) {
      cardFor(card).embody(card);
    }
  }

  private NetClient cardFor(NicPort port) throws OptionException {
    if (port.netdev().isEmpty()) {
      return network.clients().stream()
          .filter(client -> client.isCard() && client.nic().isEmpty())
          .findFirst()
          .orElseThrow(() -> new OptionException("no network card is left to be emulated"));
    }
    String name = port.netdev().get();
    NetClient netdev =
        network
            .netdev(name)
            .orElseThrow(() -> new OptionException("netdev '" + name + "' not found"));
    Optional<NetClient> peer = netdev.peer();
    if (peer.isPresent() && (!peer.get().isCard() || peer.get().nic().isPresent())) {
      throw new OptionException("netdev '" + name + "' is in use");
    }
    if (peer.isPresent()) {
      return peer.get();
    }
    NetClient card =
        network.addCard(Optional.empty(), port.model(), network.takeAddress(port.mac()));
    NetClient.connect(card, netdev);
    return card;
  }

  /** Stops every backend, then the threads. */
  void close() {
    Set<NetThread> threads = new LinkedHashSet<>();
    for (NetClient client : network.clients()) {
      client.thread().ifPresent(threads::add);
      detach(client);
    }
    for (NetClient client : network.backends()) {
      NetBackend backend = ((Kind.Backend) client.kind()).backend();
      client.thread().ifPresent(thread -> thread.await(backend.stop()));
    }
    network.clients().forEach(client -> client.filters().forEach(FilterDump::close));
    threads.forEach(thread -> thread.await(thread.stop()));
  }

  /** The way of the frames of one station, as seen from its thread. */
  private final class Route {
    private final NetClient station;
    private final NetThread thread;
    private final FramePort nowhere;

    /** Two hubs may be joined by two cables; a frame passes each hub once. */
    private final Set<Hub> passed = new HashSet<>();

    private final List<Offload> reached = new ArrayList<>();

    Route(NetClient station, NetThread thread) {
      this.station = station;
      this.nowhere = nowhere(station);
      this.thread = thread;
    }

    /** What all receivers can take. */
    Offload offload() {
      return reached.stream().reduce(Offload::and).orElse(Offload.NONE);
    }

    FramePort outOf(NetClient sender) {
      if (sender.isLinkDown() || sender.peer().isEmpty()) {
        return nowhere;
      }
      FramePort port = into(sender.peer().get());
      for (FilterDump filter : sender.filters()) {
        port = filter.ofSent(port);
      }
      return port;
    }

    private FramePort into(NetClient receiver) {
      if (receiver.isLinkDown()) {
        return nowhere;
      }
      if (receiver.kind() instanceof Kind.Port port) {
        return passed.add(port.hub()) ? filtered(receiver, through(port.hub(), receiver)) : nowhere;
      }
      // A card goes on showing a backend that was deleted; nothing reaches that any more.
      boolean there = receiver.thread().isPresent() && network.clients().contains(receiver);
      return there ? end(receiver) : nowhere;
    }

    private FramePort through(Hub hub, NetClient entry) {
      List<FramePort> others = new ArrayList<>();
      for (NetClient port : hub.ports()) {
        if (!port.equals(entry) && port.peer().isPresent()) {
          others.add(outOf(port));
        }
      }
      others.removeIf(nowhere::equals);
      return others.isEmpty() ? nowhere : Fanout.to(thread.pool(), station.cable(), others);
    }

    private FramePort end(NetClient receiver) {
      NetThread home = receiver.thread().orElseThrow();
      FramePort input;
      if (receiver.kind() instanceof Kind.Backend backend) {
        reached.add(backend.backend().offload());
        input = backend.backend().input();
      } else {
        NicPort nic = receiver.nic().orElseThrow();
        reached.add(nic.offload());
        input = nic::receive;
      }
      FramePort port = filtered(receiver, input);
      return home == thread ? port : new FrameBridge(home, port, receiver.cable());
    }

    private FramePort filtered(NetClient client, FramePort port) {
      FramePort filtered = port;
      for (FilterDump filter : client.filters()) {
        filtered = filter.ofReceived(filtered);
      }
      return filtered;
    }
  }
}
