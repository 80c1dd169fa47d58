package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.Sizes;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetBackendFactory;
import dev.dunlin.core.posix.TapDevice;
import java.util.Optional;
import java.util.Set;

/** {@code -netdev tap} (net/tap.c). */
final class TapFactory implements NetBackendFactory {
  /** QEMU's, as configured for Linux distributions. */
  private static final String UP_SCRIPT = "/etc/qemu-ifup";

  private static final String DOWN_SCRIPT = "/etc/qemu-ifdown";

  private static final Set<String> KEYS =
      Set.of(
          "fd",
          "fds",
          "ifname",
          "script",
          "downscript",
          "br",
          "helper",
          "sndbuf",
          "vnet_hdr",
          "vhost",
          "vhostfd",
          "vhostfds",
          "vhostforce",
          "queues",
          "poll-us",
          "netns");

  private final LinkHost host;

  TapFactory(LinkHost host) {
    this.host = host;
  }

  @Override
  public String type() {
    return "tap";
  }

  @Override
  public NetBackend create(String name, KeyValueList options) throws OptionException {
    options.refuseUnknown(KEYS);
    int sendBuffer = (int) Math.min(sendBuffer(options), Integer.MAX_VALUE);
    Optional<Boolean> vnetHeader =
        options.has("vnet_hdr") ? Optional.of(options.bool("vnet_hdr", false)) : Optional.empty();
    refuseVhost(options);
    TapSpec spec =
        options.has("fd") ? passed(options, sendBuffer) : opened(options, vnetHeader, sendBuffer);
    return new TapLink(name, spec, host);
  }

  private static long sendBuffer(KeyValueList options) throws OptionException {
    if (!options.has("sndbuf")) {
      return 0;
    }
    if (!(Sizes.parse(options.required("sndbuf")) instanceof NumberText.Value value)) {
      throw new OptionException("Parameter 'sndbuf' expects a size value");
    }
    return value.bits() & Long.MAX_VALUE;
  }

  /** There is no vhost without a virtqueue, and no card here has one. */
  private static void refuseVhost(KeyValueList options) throws OptionException {
    boolean wanted = options.bool("vhost", false);
    wanted |= options.bool("vhostforce", false);
    if (wanted || options.has("vhostfd") || options.has("vhostfds")) {
      throw new OptionException("vhost-net requested but could not be initialized");
    }
  }

  private TapSpec passed(KeyValueList options, int sendBuffer) throws OptionException {
    for (String other :
        ImmutableList.of(
            "ifname", "script", "downscript", "vnet_hdr", "helper", "queues", "fds", "vhostfds")) {
      if (options.has(other)) {
        throw new OptionException(
            "ifname=, script=, downscript=, vnet_hdr=, helper=, queues=, fds=, and vhostfds= are"
                + " invalid with fd=");
      }
    }
    if (options.has("netns")) {
      throw new OptionException("netns= is invalid with fd=");
    }
    host.checkDescriptor(options.required("fd"));
    return new TapSpec.Passed(options.required("fd"), sendBuffer);
  }

  private static TapSpec opened(KeyValueList options, Optional<Boolean> vnetHeader, int sendBuffer)
      throws OptionException {
    if (options.has("fds")) {
      throw new OptionException("fds= is not supported: several queues have no use here; give fd=");
    }
    if (options.has("helper") || options.has("br")) {
      throw new OptionException(
          "helper= and br= are not supported: put the interface into a bridge with script=");
    }
    if (options.number("queues").orElse(1) != 1) {
      throw new OptionException("queues= must be 1: several queues have no use here");
    }
    String pattern = options.last("ifname").orElse("tap%d");
    if (pattern.length() > TapDevice.MAX_NAME) {
      throw new OptionException(
          "ifname '" + pattern + "' is longer than " + TapDevice.MAX_NAME + " characters");
    }
    Optional<String> namespace = options.last("netns");
    boolean here = namespace.isEmpty();
    return new TapSpec.Interface(
        pattern.isEmpty() ? "tap%d" : pattern,
        // QEMU's scripts know the host's bridges: nothing that another namespace has.
        script(options.last("script").orElse(here ? UP_SCRIPT : "no")),
        script(options.last("downscript").orElse(here ? DOWN_SCRIPT : "no")),
        vnetHeader,
        sendBuffer,
        namespace);
  }

  private static Optional<String> script(String path) {
    return path.isEmpty() || path.equals("no") ? Optional.empty() : Optional.of(path);
  }

  /** As in qapi/net.json, NetdevTapOptions. */
  @Override
  public ImmutableList<Parameter> qmpParameters() {
    ImmutableList.Builder<Parameter> parameters = ImmutableList.builder();
    for (String text :
        ImmutableList.of("ifname", "fd", "fds", "script", "downscript", "br", "helper", "netns")) {
      parameters.add(Parameter.optional(text, QmpType.STRING));
    }
    for (String flag : ImmutableList.of("vnet_hdr", "vhost", "vhostforce")) {
      parameters.add(Parameter.optional(flag, QmpType.BOOL));
    }
    for (String text : ImmutableList.of("vhostfd", "vhostfds")) {
      parameters.add(Parameter.optional(text, QmpType.STRING));
    }
    for (String number : ImmutableList.of("sndbuf", "queues", "poll-us")) {
      parameters.add(Parameter.optional(number, QmpType.INT));
    }
    return parameters.build();
  }
}
