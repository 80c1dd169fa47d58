package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.net.NetDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The user networks of an emulator, in the order in which they were made. Loop thread. */
final class UserNetworks {
  private final List<UserNetwork> networks = new ArrayList<>();
  private NetDirectory directory = name -> false;

  void useDirectory(NetDirectory others) {
    directory = others;
  }

  void add(UserNetwork network) {
    networks.add(network);
  }

  void remove(UserNetwork network) {
    networks.remove(network);
  }

  ImmutableList<UserNetwork> all() {
    return ImmutableList.copyOf(networks);
  }

  /** The network of this name, or the first when none is named. */
  UserNetwork find(Optional<String> name) throws MonitorException {
    if (name.isEmpty()) {
      return networks.stream()
          .findFirst()
          .orElseThrow(() -> new MonitorException("user mode network stack not in use"));
    }
    Optional<UserNetwork> found =
        networks.stream().filter(network -> network.name().equals(name.get())).findFirst();
    return found.orElseThrow(
        () ->
            new MonitorException(
                directory.isNetdev(name.get())
                    ? "invalid device specified"
                    : "unrecognized netdev id '" + name.get() + "'"));
  }
}
