package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpEvent;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.net.NetBackendFactory;

/** The link types of {@code -netdev}: tap, stream, dgram, socket. */
public final class LinkModule implements EmulatorModule {
  private final LinkHost host = new LinkHost();

  @Override
  public String name() {
    return "links";
  }

  @Override
  public ImmutableList<NetBackendFactory> netBackends() {
    return ImmutableList.of(
        new TapFactory(host),
        new StreamFactory(host),
        new DatagramFactory(host),
        new SocketFactory(host));
  }

  @Override
  public void start(Emulator emulator) {
    host.start(emulator);
    Parameter id = Parameter.required("netdev-id", QmpType.STRING);
    emulator
        .monitor()
        .declareEvent(
            new QmpEvent(
                "NETDEV_STREAM_CONNECTED",
                ImmutableList.of(id, Parameter.required("addr", StreamFactory.ADDRESS))));
    emulator
        .monitor()
        .declareEvent(new QmpEvent("NETDEV_STREAM_DISCONNECTED", ImmutableList.of(id)));
  }
}
