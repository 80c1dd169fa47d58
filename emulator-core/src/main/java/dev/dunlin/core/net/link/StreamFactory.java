package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.chardev.ChardevSpec.Passed;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Numbers;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetBackendFactory;
import java.time.Duration;
import java.util.Set;

/** {@code -netdev stream} (net/stream.c). */
final class StreamFactory implements NetBackendFactory {
  /** As qapi/sockets.json has it, its members' union flattened. */
  static final QmpType ADDRESS =
      new QmpType.Struct(
          "SocketAddress",
          ImmutableList.of(
              Parameter.required("type", QmpType.STRING),
              Parameter.optional("host", QmpType.STRING),
              Parameter.optional("port", QmpType.STRING),
              Parameter.optional("to", QmpType.INT),
              Parameter.optional("ipv4", QmpType.BOOL),
              Parameter.optional("ipv6", QmpType.BOOL),
              Parameter.optional("numeric", QmpType.BOOL),
              Parameter.optional("keep-alive", QmpType.BOOL),
              Parameter.optional("path", QmpType.STRING),
              Parameter.optional("abstract", QmpType.BOOL),
              Parameter.optional("tight", QmpType.BOOL),
              Parameter.optional("cid", QmpType.STRING),
              Parameter.optional("str", QmpType.STRING)));

  private final LinkHost host;

  StreamFactory(LinkHost host) {
    this.host = host;
  }

  @Override
  public String type() {
    return "stream";
  }

  @Override
  public NetBackend create(String name, KeyValueList options) throws OptionException {
    ModernOptions.refuseFlags(options);
    Address address = AddressReader.read(options, "addr");
    KeyValueList rest = AddressReader.without(options, "addr");
    boolean server = rest.bool("server", false);
    Duration reconnect = reconnect(rest);
    ModernOptions.refuseUnknown(rest, Set.of("server", "reconnect", "reconnect-ms"));
    if (!reconnect.isZero() && server) {
      throw new OptionException(
          "'reconnect' option is incompatible with socket in server listen mode");
    }
    if (!reconnect.isZero() && address instanceof Passed) {
      throw new OptionException("'reconnect' option is incompatible with 'fd'");
    }
    return new StreamLink(
        name, new StreamSpec(address, server, reconnect, StreamSpec.Words.STREAM), host);
  }

  /** Seconds since QEMU 8.0, milliseconds since 9.2; 7.2 had neither. */
  private static Duration reconnect(KeyValueList options) throws OptionException {
    Duration seconds = Duration.ofSeconds(number(options, "reconnect"));
    Duration millis = Duration.ofMillis(number(options, "reconnect-ms"));
    if (options.has("reconnect") && options.has("reconnect-ms")) {
      throw new OptionException("'reconnect' and 'reconnect-ms' are mutually exclusive");
    }
    return seconds.plus(millis);
  }

  private static long number(KeyValueList options, String key) throws OptionException {
    if (!options.has(key)) {
      return 0;
    }
    if (!(Numbers.parse(options.required(key)) instanceof NumberText.Value value)) {
      throw new OptionException("Parameter '" + key + "' expects an int64 value");
    }
    if (value.bits() >>> 32 != 0) {
      throw new OptionException("Parameter '" + key + "' expects uint32_t");
    }
    return value.bits();
  }

  @Override
  public ImmutableList<Parameter> qmpParameters() {
    return ImmutableList.of(
        Parameter.optional("addr", ADDRESS),
        Parameter.optional("server", QmpType.BOOL),
        Parameter.optional("reconnect", QmpType.INT),
        Parameter.optional("reconnect-ms", QmpType.INT));
  }
}
