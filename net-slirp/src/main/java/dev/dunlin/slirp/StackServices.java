package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.address.Ipv4Address;
import dev.dunlin.slirp.forward.GuestForwardRule;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.saved.SavedNetwork;
import dev.dunlin.slirp.service.DhcpConfig;
import dev.dunlin.slirp.service.DhcpServer;
import dev.dunlin.slirp.service.DirectoryFiles;
import dev.dunlin.slirp.service.DnsForwarder;
import dev.dunlin.slirp.service.DnsTcpSessions;
import dev.dunlin.slirp.service.FileSource;
import dev.dunlin.slirp.service.RebindingGuard;
import dev.dunlin.slirp.service.ResolverTransport;
import dev.dunlin.slirp.service.TftpServer;
import dev.dunlin.slirp.udp.LocalPorts;
import dev.dunlin.slirp.udp.UdpOutput;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.TftpPacket;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** DHCP, DNS and TFTP of one user network, as its options say, on their ports. */
final class StackServices {
  private final LocalPorts ports = new LocalPorts();
  private final DhcpServer dhcp;
  private final DnsForwarder dns;
  private final DnsTcpSessions dnsSessions;
  private final TftpServer tftp;
  private final boolean servesNames;

  StackServices(
      SlirpConfig config,
      VirtualNet net,
      Neighbours neighbours,
      FramePool pool,
      UdpOutput udp,
      ResolverTransport resolvers,
      StackEnvironment environment,
      DropCounters drops) {
    dhcp = new DhcpServer(dhcp(config, net, environment), neighbours, pool, udp, drops);
    ports.bind(net.gateway(), DhcpServer.SERVER_PORT, dhcp);
    RebindingGuard guard = RebindingGuard.standard(net, localDomains(config));
    dns =
        new DnsForwarder(
            environment.resolvers(), resolvers, guard, pool, udp, environment.random(), drops);
    dnsSessions = new DnsTcpSessions(dns);
    servesNames = !config.restrict();
    if (servesNames) {
      ports.bind(net.dns(), DnsForwarder.PORT, dns);
    }
    tftp =
        new TftpServer(
            net.gateway(),
            files(config),
            config.mtu(),
            ports,
            pool,
            udp,
            environment.random(),
            drops);
  }

  static VirtualNet virtualNet(SlirpConfig config) {
    SlirpConfig.Ipv4 ipv4 = config.ipv4();
    Set<IpAddr> servers = new HashSet<>();
    config.smb().ifPresent(smb -> servers.add(address(smb.server())));
    for (GuestForwardRule rule : config.guestForwards()) {
      servers.add(address(rule.server().orElseGet(ipv4::defaultServer)));
    }
    return new VirtualNet(
        address(ipv4.network()), ipv4.mask(), address(ipv4.host()), address(ipv4.dns()), servers);
  }

  /** What answers inside the network beside its own servers. */
  static ImmutableList<SavedNetwork.GuestForward> guestForwards(SlirpConfig config) {
    return config.guestForwards().stream()
        .map(
            rule ->
                new SavedNetwork.GuestForward(
                    address(rule.server().orElseGet(config.ipv4()::defaultServer)), rule.port()))
        .collect(ImmutableList.toImmutableList());
  }

  private static IpAddr address(Ipv4Address option) {
    return IpAddr.v4(option.bits());
  }

  private static DhcpConfig dhcp(SlirpConfig config, VirtualNet net, StackEnvironment environment) {
    return new DhcpConfig(
        net,
        address(config.ipv4().dhcpStart()),
        config.mtu(),
        config.restrict(),
        config.hostname(),
        config.domainName(),
        config.dnsSearch(),
        config.tftp().serverName(),
        environment.bootServer(),
        config.tftp().bootFile(),
        List.of());
  }

  /** Names of the user's own domains may lead anywhere. */
  private static Set<String> localDomains(SlirpConfig config) {
    Set<String> domains = new HashSet<>(config.dnsSearch());
    config.domainName().ifPresent(domains::add);
    return domains;
  }

  /** Without a directory the server is there and refuses, as libslirp's does (src/tftp.c). */
  private static FileSource files(SlirpConfig config) {
    Optional<String> root = config.tftp().root();
    if (root.isPresent()) {
      return new DirectoryFiles(Path.of(root.get()));
    }
    return name -> {
      throw new FileSource.Denied(TftpPacket.ERROR_ACCESS, "Access violation");
    };
  }

  DhcpServer dhcp() {
    return dhcp;
  }

  LocalPorts ports() {
    return ports;
  }

  DnsForwarder dns() {
    return dns;
  }

  DnsTcpSessions dnsSessions() {
    return dnsSessions;
  }

  TftpServer tftp() {
    return tftp;
  }

  /** Not to a restricted guest. */
  boolean servesNames() {
    return servesNames;
  }

  void close(long now) {
    dnsSessions.close(now);
    dns.close();
    tftp.close();
  }
}
