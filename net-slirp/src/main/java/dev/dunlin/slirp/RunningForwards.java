package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.forward.HostForwardRule;
import dev.dunlin.slirp.host.Forwards;
import dev.dunlin.slirp.saved.SavedNetwork;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.logging.log4j.LogManager;

/** The listening sockets of one network. On its thread, but for {@link #all}. */
final class RunningForwards {
  /** Newest first, as QEMU lists them. */
  private volatile ImmutableList<HostForward> all = ImmutableList.of();

  /** Those that no option asked for: they go along with a saved machine. */
  private final Set<HostForward> added = new HashSet<>();

  /** Any thread. */
  ImmutableList<HostForward> all() {
    return all;
  }

  /**
   * Opens every socket of a rule, or none.
   *
   * @param firstGuest where it leads when it names no guest
   * @param later whether it isn't an option's
   */
  void open(Forwards opener, HostForwardRule rule, IpAddr firstGuest, boolean later)
      throws OptionException {
    IpAddr guest = rule.guest().map(IpAddr::of).orElse(firstGuest);
    List<HostForward> opened = new ArrayList<>();
    try {
      for (HostEndpoint endpoint : rule.endpoints()) {
        opened.add(0, opener.open(endpoint, guest, rule.guestPort(opened.size())));
      }
    } catch (IOException e) {
      LogManager.getLogger(RunningForwards.class)
          .debug("host forward {}: {}", rule.text(), e.toString());
      opened.forEach(HostForward::close);
      throw new OptionException("Could not set up host forwarding rule '" + rule.text() + "'");
    }
    add(opened, later);
  }

  private void add(List<HostForward> opened, boolean later) {
    all = ImmutableList.<HostForward>builder().addAll(opened).addAll(all).build();
    if (later) {
      added.addAll(opened);
    }
  }

  /** Closes some; whether there were any. */
  boolean close(Predicate<HostForward> which) {
    List<HostForward> closing = all.stream().filter(which).toList();
    closing.forEach(HostForward::close);
    added.removeAll(closing);
    all = all.stream().filter(which.negate()).collect(ImmutableList.toImmutableList());
    return !closing.isEmpty();
  }

  /** Those that were added while it ran. */
  List<SavedNetwork.Forward> added() {
    return all.stream()
        .filter(added::contains)
        .map(each -> new SavedNetwork.Forward(each.endpoint(), each.guest(), each.guestPort()))
        .toList();
  }

  /** Opens what was added to the saved machine while it ran, unless it is there. */
  void restore(Forwards opener, SavedNetwork.Forward saved, String network) {
    if (all.stream().anyMatch(each -> each.endpoint().equals(saved.endpoint()))) {
      return;
    }
    try {
      add(List.of(opener.open(saved.endpoint(), saved.guest(), saved.guestPort())), true);
    } catch (IOException e) {
      // The saved machine itself may still have it, in another process of this host.
      LogManager.getLogger(RunningForwards.class)
          .warn("netdev {}: {} isn't forwarded again: {}", network, saved.endpoint(), e.toString());
    }
  }
}
