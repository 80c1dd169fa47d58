package dev.dunlin.bench;

import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.RealQemu;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real QEMU that waits for a machine like the sender's and leaves it stopped. */
public final class QemuReceiver implements Receiver {
  private final RealQemu qemu;
  private final String uri;

  private QemuReceiver(RealQemu qemu, String uri) {
    this.qemu = qemu;
    this.uri = uri;
  }

  /**
   * Listens on a unix socket.
   *
   * @param multifdChannels 0: no multifd
   */
  public static QemuReceiver unix(Path socket, int multifdChannels, List<String> machine) {
    List<String> all = new ArrayList<>(machine);
    all.addAll(List.of("-S", "-incoming", "defer"));
    RealQemu qemu = RealQemu.start(all.toArray(String[]::new));
    try {
      if (multifdChannels > 0) {
        Multifd.setUp(qemu.qmp(), multifdChannels);
      }
      String uri = "unix:" + socket;
      qemu.qmp().execute("migrate-incoming", Map.of("uri", uri));
      return new QemuReceiver(qemu, uri);
    } catch (RuntimeException | Error e) {
      qemu.close();
      throw e;
    }
  }

  @Override
  public String uri() {
    return uri;
  }

  public QmpClient qmp() {
    return qemu.qmp();
  }

  @Override
  public void close() {
    qemu.close();
  }
}
