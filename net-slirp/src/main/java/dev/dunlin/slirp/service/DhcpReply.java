package dev.dunlin.slirp.service;

import dev.dunlin.slirp.wire.DhcpMessage;
import dev.dunlin.slirp.wire.DhcpOption;
import dev.dunlin.slirp.wire.DnsName;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.ByteArrayOutputStream;
import java.util.Locale;

/** Builds the server's messages from the configuration. */
final class DhcpReply {
  private static final int ETHERNET_MTU = 1500;

  private final DhcpConfig config;
  private final byte[] domainSearch;

  /** Throws IllegalArgumentException for a search domain that isn't one. */
  DhcpReply(DhcpConfig config) {
    this.config = config;
    this.domainSearch = DnsName.encodeAll(config.domainSearch());
  }

  /** A DHCP message of the type, to the client that asked, still without address and options. */
  DhcpMessage reply(DhcpMessage request, int type) {
    DhcpMessage reply = header(request);
    reply.options.putOctet(DhcpOption.MESSAGE_TYPE, type);
    reply.options.putQuad(DhcpOption.SERVER_ID, config.net().gateway().v4());
    return reply;
  }

  private DhcpMessage header(DhcpMessage request) {
    DhcpMessage reply = new DhcpMessage();
    reply.op = DhcpMessage.BOOT_REPLY;
    reply.hardwareType = request.hardwareType;
    reply.hardwareLength = request.hardwareLength;
    reply.xid = request.xid;
    reply.flags = request.flags;
    reply.hardwareAddress = request.hardwareAddress.clone();
    return reply;
  }

  /** libslirp's words, which users know from their guests' logs. */
  DhcpMessage refusal(DhcpMessage request) {
    DhcpMessage nak = reply(request, DhcpMessage.NAK);
    nak.options.putText(DhcpOption.MESSAGE, "requested address not available");
    return nak;
  }

  /** An answer to plain BOOTP; vendor extensions only to a client that sent the cookie. */
  DhcpMessage bootReply(DhcpMessage request) {
    DhcpMessage reply = header(request);
    addBoot(request, reply);
    reply.cookie = request.cookie;
    if (request.cookie) {
      addNetwork(request, reply);
    }
    return reply;
  }

  void addLease(DhcpMessage reply) {
    reply.options.putQuad(DhcpOption.LEASE_TIME, DhcpServer.leaseSeconds());
  }

  /** Everything that the user configured; what is put first survives in a client's small buffer. */
  void addConfiguration(DhcpMessage request, DhcpMessage reply) {
    addNetwork(request, reply);
    addBoot(request, reply);
    if (domainSearch.length > 0) {
      reply.options.put(DhcpOption.DOMAIN_SEARCH, domainSearch);
    }
  }

  private void addNetwork(DhcpMessage request, DhcpMessage reply) {
    reply.options.putQuad(DhcpOption.SUBNET_MASK, config.net().mask());
    if (!config.restricted()) {
      reply.options.putQuad(DhcpOption.ROUTER, config.net().gateway().v4());
      // Always our own name server: a resolver on the host's loopback means nothing to the guest.
      reply.options.putQuad(DhcpOption.DNS, config.net().dns().v4());
      addRoutes(reply);
    }
    if (DhcpServer.asksFor(request.options, DhcpOption.BROADCAST)) {
      reply.options.putQuad(DhcpOption.BROADCAST, config.net().broadcast());
    }
    if (config.mtu() != ETHERNET_MTU) {
      reply.options.putWord(DhcpOption.INTERFACE_MTU, config.mtu());
    }
    config.hostName().ifPresent(name -> reply.options.putText(DhcpOption.HOST_NAME, name));
    config.domainName().ifPresent(name -> reply.options.putText(DhcpOption.DOMAIN_NAME, name));
  }

  /**
   * RFC 3442: a client that gets option 121 ignores option 3, so the default route is in it too.
   */
  private void addRoutes(DhcpMessage reply) {
    if (config.routes().isEmpty()) {
      return;
    }
    ByteArrayOutputStream routes = new ByteArrayOutputStream();
    config.routes().forEach(route -> writeRoute(routes, route));
    writeRoute(routes, new DhcpConfig.Route(IpAddr.ANY_V4, 0, config.net().gateway()));
    reply.options.put(DhcpOption.CLASSLESS_ROUTES, routes.toByteArray());
  }

  /** Prefix length, as many octets of the destination as it covers, router. */
  private static void writeRoute(ByteArrayOutputStream out, DhcpConfig.Route route) {
    out.write(route.prefixLength());
    out.write(route.destination().toBytes(), 0, (route.prefixLength() + 7) / 8);
    out.writeBytes(route.router().toBytes());
  }

  private void addBoot(DhcpMessage request, DhcpMessage reply) {
    reply.serverAddress = config.nextServer().orElse(config.net().gateway()).v4();
    config.tftpServer().ifPresent(name -> reply.options.putText(DhcpOption.TFTP_SERVER_NAME, name));
    config.bootFile().ifPresent(file -> addBootFile(request, reply, file));
  }

  private static void addBootFile(DhcpMessage request, DhcpMessage reply, String file) {
    reply.setBootFile(file);
    if (DhcpServer.asksFor(request.options, DhcpOption.BOOT_FILE)) {
      reply.options.putText(DhcpOption.BOOT_FILE, file);
    }
    String lower = file.toLowerCase(Locale.ROOT);
    if (lower.startsWith("http://") || lower.startsWith("https://")) {
      // UEFI HTTP boot takes the offer only from a server that says so (UEFI 2.10 section 24.7.3).
      reply.options.putText(DhcpOption.VENDOR_CLASS, "HTTPClient");
    }
  }
}
