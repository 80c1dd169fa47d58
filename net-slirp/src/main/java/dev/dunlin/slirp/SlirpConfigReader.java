package dev.dunlin.slirp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Numbers;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.slirp.SlirpConfig.Ipv4;
import dev.dunlin.slirp.SlirpConfig.Ipv6;
import dev.dunlin.slirp.SlirpConfig.Smb;
import dev.dunlin.slirp.SlirpConfig.Tftp;
import dev.dunlin.slirp.address.Ipv4Address;
import dev.dunlin.slirp.address.Ipv6Address;
import dev.dunlin.slirp.forward.GuestForwardRule;
import dev.dunlin.slirp.forward.HostForwardRule;
import dev.dunlin.slirp.smb.SmbOptions;
import dev.dunlin.slirp.smb.SmbSettings;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads the options of a user network, with the rules, the order and the words of QEMU 7.2
 * (net/slirp.c, net/net.c).
 */
final class SlirpConfigReader {
  private static final ImmutableSet<String> KEYS =
      ImmutableSet.of(
          "hostname",
          "restrict",
          "ipv4",
          "ipv6",
          "mtu",
          "ip",
          "net",
          "host",
          "tftp",
          "bootfile",
          "dhcpstart",
          "dns",
          "dnssearch",
          "domainname",
          "ipv6-prefix",
          "ipv6-prefixlen",
          "ipv6-host",
          "ipv6-dns",
          "smbserver",
          "hostfwd",
          "guestfwd",
          "tftp-server-name",
          "host-loopback",
          "metadata",
          "block");

  private static final int MAX_TEXT = 255;

  /** The field of a BOOTP message (RFC 951) holds 128 bytes and ends in a zero. */
  private static final int MAX_BOOT_FILE = 127;

  private static final int NETBIOS_PORT = 139;
  private static final int SMB_PORT = 445;

  private final KeyValueList list;
  private final SmbOptions smb;

  private SlirpConfigReader(KeyValueList list, SmbOptions smb) {
    this.list = list;
    this.smb = smb;
  }

  /**
   * @param smb reads the options of shares
   */
  static SlirpConfig read(KeyValueList options, SmbOptions smb) throws OptionException {
    return new SlirpConfigReader(splitIpv6Net(options), smb).read();
  }

  /** {@code ipv6-net=PREFIX/LENGTH} stands for two options, and beats both. */
  private static KeyValueList splitIpv6Net(KeyValueList options) throws OptionException {
    Optional<String> net = options.last("ipv6-net");
    if (net.isEmpty()) {
      return options;
    }
    if (net.get().isEmpty()) {
      throw new OptionException("Parameter 'ipv6-net' expects a valid IPv6 prefix");
    }
    String[] parts = net.get().split("/", 2);
    String length = parts.length == 2 ? parts[1] : "64";
    if (!length.matches("\\s*[+-]?[0-9]{1,18}")) {
      throw new OptionException("Parameter 'ipv6-prefixlen' expects a number");
    }
    long value = Long.parseLong(length.strip());
    return options
        .without("ipv6-net")
        .with("ipv6-prefix", parts[0])
        .with("ipv6-prefixlen", String.valueOf(value));
  }

  private SlirpConfig read() throws OptionException {
    boolean restrict = list.bool("restrict", false);
    list.bool("ipv4", true);
    list.bool("ipv6", true);
    long prefixLength = prefixLength();
    int mtu = mtu();
    refuseUnknown();

    boolean ipv4On = isOn("ipv4", "ipv6");
    boolean ipv6On = isOn("ipv6", "ipv4");
    checkFamilies(ipv4On, ipv6On);
    Ipv4 ipv4 = ipv4(ipv4On, restrict);
    Optional<Ipv4Address> smbAddress = address("smbserver", "Failed to parse SMB address");
    Ipv6 ipv6 = ipv6(ipv6On, prefixLength, restrict);
    checkTexts();
    ImmutableList<HostForwardRule> hostForwards = hostForwards();
    ImmutableList<GuestForwardRule> guestForwards = guestForwards(ipv4);
    return new SlirpConfig(
        ipv4,
        ipv6,
        restrict,
        mtu,
        list.last("hostname"),
        list.last("domainname"),
        dnsSearch(),
        tftp(),
        smb(ipv4, smbAddress, guestForwards),
        hostForwards,
        guestForwards,
        Reach.read(list));
  }

  /** Ours: QEMU's network has always Ethernet's MTU. */
  private int mtu() throws OptionException {
    Optional<String> given = list.last("mtu");
    if (given.isEmpty()) {
      return SlirpConfig.STANDARD_MTU;
    }
    OptionalLong mtu = Numbers.within(given.get(), SlirpConfig.LEAST_MTU, SlirpConfig.MOST_MTU);
    require(
        mtu.isPresent(),
        "Parameter 'mtu' expects a number of bytes from "
            + SlirpConfig.LEAST_MTU
            + " to "
            + SlirpConfig.MOST_MTU);
    return (int) mtu.getAsLong();
  }

  private void refuseUnknown() throws OptionException {
    KeyValueList rest =
        KeyValueList.of(
            list.entries().stream().filter(entry -> !SmbOptions.isOurs(entry.key())).toList());
    rest.refuseUnknown(KEYS);
  }

  private long prefixLength() throws OptionException {
    if (!list.has("ipv6-prefixlen")) {
      return 64;
    }
    if (!(Numbers.parse(list.required("ipv6-prefixlen")) instanceof NumberText.Value value)) {
      throw new OptionException("Parameter 'ipv6-prefixlen' expects an int64 value");
    }
    return value.bits();
  }

  /** Naming one family as on switches the other off, unless that is named too. */
  private boolean isOn(String family, String other) throws OptionException {
    boolean onlyTheOther = !list.has(family) && list.has(other) && list.bool(other, false);
    return !onlyTheOther && list.bool(family, true);
  }

  private void checkFamilies(boolean ipv4On, boolean ipv6On) throws OptionException {
    if (!ipv4On && (hasNetwork() || list.has("host") || list.has("dns"))) {
      throw new OptionException("IPv4 disabled but netmask/host/dns provided");
    }
    if (!ipv6On && (list.has("ipv6-prefix") || list.has("ipv6-host") || list.has("ipv6-dns"))) {
      throw new OptionException("IPv6 disabled but prefix/host6/dns6 provided");
    }
    if (!ipv4On && !ipv6On) {
      throw new OptionException("IPv4 and IPv6 disabled");
    }
  }

  private boolean hasNetwork() {
    return list.has("net") || list.has("ip");
  }

  private Ipv4 ipv4(boolean enabled, boolean restrict) throws OptionException {
    Optional<String> given =
        list.last("net").or(() -> list.last("ip").map(address -> address + "/24"));
    NetworkOption net = NetworkOption.parse(given.orElse("10.0.2.0/24"));
    int mask = net.mask();
    Ipv4Address host =
        address("host", "Failed to parse host").orElse(net.address().withHost(0x0202, mask));
    require(host.sameNetwork(net.address(), mask), "Host doesn't belong to network");
    Ipv4Address dns =
        address("dns", "Failed to parse DNS").orElse(net.address().withHost(0x0203, mask));
    require(!restrict || dns.sameNetwork(net.address(), mask), "DNS doesn't belong to network");
    require(!dns.equals(host), "DNS must be different from host");
    Ipv4Address dhcpStart =
        address("dhcpstart", "Failed to parse DHCP start address")
            .orElse(net.address().withHost(0x020f, mask));
    require(dhcpStart.sameNetwork(net.address(), mask), "DHCP doesn't belong to network");
    require(
        !dhcpStart.equals(host) && !dhcpStart.equals(dns),
        "DHCP must be different from host and DNS");
    return new Ipv4(enabled, net.address(), mask, host, dns, dhcpStart);
  }

  private Ipv6 ipv6(boolean enabled, long length, boolean restrict) throws OptionException {
    Ipv6Address prefix =
        address6("ipv6-prefix", "Failed to parse IPv6 prefix")
            .orElse(new Ipv6Address(0xfec0L << 48, 0));
    require(
        length >= 0 && length <= 126,
        "Invalid IPv6 prefix provided (IPv6 prefix length must be between 0 and 126)");
    int bits = (int) length;
    Ipv6Address host =
        address6("ipv6-host", "Failed to parse IPv6 host").orElse(prefix.withHost(2));
    require(host.sameNetwork(prefix, bits), "IPv6 Host doesn't belong to network");
    Ipv6Address dns = address6("ipv6-dns", "Failed to parse IPv6 DNS").orElse(prefix.withHost(3));
    require(!restrict || dns.sameNetwork(prefix, bits), "IPv6 DNS doesn't belong to network");
    return new Ipv6(enabled, prefix, bits, host, dns);
  }

  private void checkTexts() throws OptionException {
    require(
        !list.last("domainname").filter(String::isEmpty).isPresent(),
        "'domainname' parameter cannot be empty");
    checkLength("domainname", "domainname", MAX_TEXT);
    // QEMU's own message calls this one by the name of its variable.
    checkLength("hostname", "vhostname", MAX_TEXT);
    checkLength("tftp-server-name", "tftp-server-name", MAX_TEXT);
    checkLength("bootfile", "bootfile", MAX_BOOT_FILE);
  }

  private void checkLength(String key, String shown, int limit) throws OptionException {
    int length = list.last(key).orElse("").getBytes(UTF_8).length;
    require(length <= limit, "'" + shown + "' parameter cannot exceed " + limit + " bytes");
  }

  private ImmutableList<String> dnsSearch() throws OptionException {
    for (String domain : list.all("dnssearch")) {
      require(DomainNames.isValid(domain), "Failed to parse domain name '" + domain + "'");
    }
    return list.all("dnssearch");
  }

  private Tftp tftp() {
    return new Tftp(list.last("tftp"), list.last("tftp-server-name"), list.last("bootfile"));
  }

  private ImmutableList<HostForwardRule> hostForwards() throws OptionException {
    ImmutableList.Builder<HostForwardRule> rules = ImmutableList.builder();
    for (String text : list.all("hostfwd")) {
      rules.add(HostForwardRule.parse(text));
    }
    return rules.build();
  }

  private ImmutableList<GuestForwardRule> guestForwards(Ipv4 ipv4) throws OptionException {
    ImmutableList.Builder<GuestForwardRule> rules = ImmutableList.builder();
    Set<String> taken = new HashSet<>();
    for (String text : list.all("guestfwd")) {
      GuestForwardRule rule = GuestForwardRule.parse(text);
      Ipv4Address server = rule.server().orElse(ipv4.defaultServer());
      boolean free = taken.add(server + ":" + rule.port());
      require(
          isFreeServer(ipv4, server) && free,
          "Conflicting/invalid host:port in guest forwarding rule '" + text + "'");
      rules.add(rule);
    }
    return rules.build();
  }

  private static boolean isFreeServer(Ipv4 ipv4, Ipv4Address server) {
    return ipv4.contains(server) && !server.equals(ipv4.host()) && !server.equals(ipv4.dns());
  }

  private Optional<Smb> smb(
      Ipv4 ipv4, Optional<Ipv4Address> given, ImmutableList<GuestForwardRule> guestForwards)
      throws OptionException {
    Optional<SmbSettings> settings = smb.read(list);
    if (settings.isEmpty()) {
      return Optional.empty();
    }
    Ipv4Address server = given.filter(a -> !a.isAny()).orElse(ipv4.defaultServer());
    boolean portsTaken =
        guestForwards.stream()
            .filter(rule -> rule.server().orElse(ipv4.defaultServer()).equals(server))
            .anyMatch(rule -> rule.port() == NETBIOS_PORT || rule.port() == SMB_PORT);
    require(isFreeServer(ipv4, server) && !portsTaken, "Conflicting/invalid smbserver address");
    return Optional.of(new Smb(settings.get(), server));
  }

  private Optional<Ipv4Address> address(String key, String sentence) throws OptionException {
    Optional<String> text = list.last(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Ipv4Address> address = Ipv4Address.parse(text.get());
    require(address.isPresent(), sentence);
    return address;
  }

  private Optional<Ipv6Address> address6(String key, String sentence) throws OptionException {
    Optional<String> text = list.last(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Ipv6Address> address = Ipv6Address.parse(text.get());
    require(address.isPresent(), sentence);
    return address;
  }

  private static void require(boolean condition, String sentence) throws OptionException {
    if (!condition) {
      throw new OptionException(sentence);
    }
  }
}
