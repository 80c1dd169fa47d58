package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.chardev.ChardevSyntax;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.Secret;
import dev.dunlin.slirp.address.Ipv6Address;
import dev.dunlin.slirp.forward.GuestForwardRule.Target;
import dev.dunlin.slirp.smb.SambaProvider;
import dev.dunlin.slirp.smb.SmbAccount;
import dev.dunlin.slirp.smb.SmbDialect;
import dev.dunlin.slirp.smb.SmbOptions;
import dev.dunlin.slirp.smb.SmbSettings;
import dev.dunlin.slirp.smb.SmbShare;
import dev.dunlin.slirp.smb.UncheckedShares;
import dev.dunlin.slirp.wire.IpAddr;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlirpConfigTest {

  @Test
  void everything_has_qemus_default() throws OptionException {
    SlirpConfig config = read("");
    assertTrue(config.ipv4().enabled() && config.ipv6().enabled());
    assertEquals("10.0.2.0", config.ipv4().network().toString());
    assertEquals(0xffffff00, config.ipv4().mask());
    assertEquals("10.0.2.2", config.ipv4().host().toString());
    assertEquals("10.0.2.3", config.ipv4().dns().toString());
    assertEquals("10.0.2.15", config.ipv4().dhcpStart().toString());
    assertEquals("10.0.2.4", config.ipv4().defaultServer().toString());
    assertEquals("fec0::", config.ipv6().prefix().toString());
    assertEquals(64, config.ipv6().prefixLength());
    assertEquals("fec0::2", config.ipv6().host().toString());
    assertEquals("fec0::3", config.ipv6().dns().toString());
    assertFalse(config.restrict());
    assertEquals(Optional.empty(), config.smb());
    assertEquals(1500, config.mtu());
    assertEquals("net=10.0.2.0,restrict=off", config.info());
  }

  @ParameterizedTest
  @CsvSource({"68, 68", "1500, 1500", "0x2328, 9000", "65521, 65521"})
  void the_mtu_is_ours_to_choose(String text, int mtu) throws OptionException {
    assertEquals(mtu, read("mtu=" + text).mtu());
  }

  @Test
  void another_mtu_is_shown() throws OptionException {
    assertEquals("net=10.0.2.0,restrict=off,mtu=9000", read("mtu=9000").info());
  }

  @ParameterizedTest
  @CsvSource({
    // net, network, mask, host, dns, first lease
    "10.0.0.0/8,          10.0.0.0,    ff000000, 10.0.2.2,    10.0.2.3,    10.0.2.15",
    "9.1.1.1,             9.0.0.0,     ff000000, 9.0.2.2,     9.0.2.3,     9.0.2.15",
    "172.20.1.1,          172.16.0.0,  fff00000, 172.16.2.2,  172.16.2.3,  172.16.2.15",
    "130.1.2.0,           130.1.0.0,   ffff0000, 130.1.2.2,   130.1.2.3,   130.1.2.15",
    "192.168.5.0,         192.168.0.0, ffff0000, 192.168.2.2, 192.168.2.3, 192.168.2.15",
    "198.18.0.0,          198.18.0.0,  fffe0000, 198.18.2.2,  198.18.2.3,  198.18.2.15",
    "200.1.2.3,           200.1.2.0,   ffffff00, 200.1.2.2,   200.1.2.3,   200.1.2.15",
    "224.0.0.0,           224.0.0.0,   fffffff0, 224.0.0.2,   224.0.0.3,   224.0.0.15",
    "10.0.2.99/28,        10.0.2.96,   fffffff0, 10.0.2.98,   10.0.2.99,   10.0.2.111",
    "10.0.2.0/29,         10.0.2.0,    fffffff8, 10.0.2.2,    10.0.2.3,    10.0.2.7",
    "10.1.2.3/255.255.0.0,10.1.0.0,    ffff0000, 10.1.2.2,    10.1.2.3,    10.1.2.15",
    "10.0.0/24,           10.0.0.0,    ffffff00, 10.0.0.2,    10.0.0.3,    10.0.0.15",
    "10,                  0.0.0.0,     ff000000, 0.0.2.2,     0.0.2.3,     0.0.2.15",
    "10.0.0.0/08,         10.0.0.0,    ff000000, 10.0.2.2,    10.0.2.3,    10.0.2.15",
    "' 10.0.0.0/ 8',      -,           -,        -,           -,           -"
  })
  void a_network_brings_its_mask_and_its_addresses(
      String net, String network, String mask, String host, String dns, String dhcpStart)
      throws OptionException {
    if (network.equals("-")) {
      assertThrows(OptionException.class, () -> read("net=" + net));
      return;
    }
    SlirpConfig.Ipv4 ipv4 = read("net=" + net).ipv4();
    assertEquals(network, ipv4.network().toString());
    assertEquals(Integer.parseUnsignedInt(mask, 16), ipv4.mask());
    assertEquals(host, ipv4.host().toString());
    assertEquals(dns, ipv4.dns().toString());
    assertEquals(dhcpStart, ipv4.dhcpStart().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "'', true, true",
    "'ipv4=on', true, false",
    "'ipv6=on', false, true",
    "'ipv4=off', false, true",
    "'ipv6=off', true, false",
    "'ipv4=on,ipv6=on', true, true",
    "'ipv4=on,ipv6=off', true, false",
    "'ipv4=off,ipv6=on', false, true"
  })
  void naming_one_family_switches_the_other_off(String options, boolean ipv4, boolean ipv6)
      throws OptionException {
    SlirpConfig config = read(options);
    assertEquals(ipv4, config.ipv4().enabled());
    assertEquals(ipv6, config.ipv6().enabled());
  }

  @Test
  void dns_may_lie_outside_unless_restricted() throws OptionException {
    assertEquals("8.8.8.8", read("dns=8.8.8.8").ipv4().dns().toString());
    assertEquals("2001::1", read("ipv6-dns=2001::1").ipv6().dns().toString());
  }

  @Test
  void ipv6_net_stands_for_prefix_and_length_and_beats_them() throws OptionException {
    SlirpConfig.Ipv6 ipv6 =
        read("ipv6-net=fd00:1::/48,ipv6-prefix=fec2::,ipv6-prefixlen=80").ipv6();
    assertEquals("fd00:1::", ipv6.prefix().toString());
    assertEquals(48, ipv6.prefixLength());
    assertEquals("fd00:1::2", ipv6.host().toString());
    assertEquals(64, read("ipv6-net=fec1::").ipv6().prefixLength());
    assertEquals(10, read("ipv6-net=fec0::/010").ipv6().prefixLength());
    assertEquals(new Ipv6Address(0xfec0L << 48, 1 | 2), read("ipv6-net=fec0::1").ipv6().host());
  }

  @Test
  void the_boot_services_take_their_texts() throws OptionException {
    SlirpConfig config =
        read(
            "hostname=h,domainname=d,dnssearch=a.com,dnssearch=b.org.,tftp=/srv/t,,ftp,"
                + "tftp-server-name=t,bootfile="
                + "x".repeat(127));
    assertEquals(Optional.of("h"), config.hostname());
    assertEquals(Optional.of("d"), config.domainName());
    assertEquals(List.of("a.com", "b.org."), config.dnsSearch());
    assertEquals(Optional.of("/srv/t,ftp"), config.tftp().root());
    assertEquals(Optional.of("t"), config.tftp().serverName());
    assertEquals(127, config.tftp().bootFile().orElseThrow().length());
  }

  @Test
  void texts_are_measured_in_bytes() throws OptionException {
    assertEquals(127, read("hostname=" + "ä".repeat(127)).hostname().orElseThrow().length());
    assertThrows(OptionException.class, () -> read("hostname=" + "ä".repeat(128)));
  }

  @Test
  void a_share_is_at_dot_four_unless_it_says_otherwise() throws OptionException {
    assertEquals("10.0.2.4", read("smb=/tmp").smb().orElseThrow().server().toString());
    assertEquals(
        "10.0.2.9", read("smb=/tmp,smbserver=10.0.2.9").smb().orElseThrow().server().toString());
    assertEquals(Path.of("/tmp"), read("smb=/tmp").smb().orElseThrow().directory());
    assertEquals(Optional.empty(), read("smbserver=1.2.3.4").smb());
  }

  @Test
  void shares_have_options_of_our_own() throws OptionException {
    SmbSettings plain = read("smb=/tmp").smb().orElseThrow().settings();
    assertEquals(List.of(new SmbShare("qemu", Path.of("/tmp"))), plain.shares());
    assertEquals(new SmbSettings(plain.shares(), false, Optional.empty(), Optional.empty()), plain);
    SmbSettings all =
        read("smb.Tools=/usr,smb=/tmp,smb-readonly=on,smb-user=me,smb-password-secret=s,"
                + "smb-min-protocol=nt1")
            .smb()
            .orElseThrow()
            .settings();
    assertEquals(
        List.of(new SmbShare("qemu", Path.of("/tmp")), new SmbShare("Tools", Path.of("/usr"))),
        all.shares());
    assertTrue(all.readOnly());
    assertEquals(Optional.of(new SmbAccount("me", "word")), all.account());
    assertEquals(Optional.of(SmbDialect.NT1), all.oldest());
    assertEquals(1, read("smb.only=/tmp").smb().orElseThrow().settings().shares().size());
  }

  @Test
  void a_share_needs_samba() {
    OptionException missing =
        assertThrows(
            OptionException.class,
            () ->
                SlirpConfigReader.read(
                    KeyValueList.parse("smb=/tmp"),
                    new SmbOptions(new SambaProvider(Optional::empty, Path.of("/tmp")), Map.of())));
    assertEquals("could not find 'smbd', please install it", missing.getMessage());
  }

  @Test
  void the_options_of_the_seeds_time_still_work() throws OptionException {
    assertEquals("10.0.5.0", read("ip=10.0.5.0").ipv4().network().toString());
    assertEquals(0xffffff00, read("ip=10.0.5.0").ipv4().mask());
    assertTrue(read("restrict=y").restrict());
    assertTrue(read("restrict").restrict());
  }

  @Test
  void guest_forwards_keep_their_targets() throws OptionException {
    SlirpConfig config =
        read(
            "guestfwd=tcp:10.0.2.100:80-cmd:cat /a,,b,guestfwd=::080-unix:/s,"
                + "guestfwd=tcp::81-chardev:n,guestfwd=::82-handler:h,"
                + "guestfwd=::83-connect:tcp:localhost:80,guestfwd=::84-connect:unix:/s");
    assertEquals(
        List.of(
            new Target.Command("cat /a,b"),
            new Target.Device(ChardevSyntax.parseShort("unix:/s").orElseThrow()),
            new Target.NamedDevice("n"),
            new Target.Handler("h"),
            new Target.Tcp(IpAddr.LOOPBACK_V4, 80),
            new Target.Unix("/s")),
        config.guestForwards().stream().map(rule -> rule.target()).toList());
    assertEquals(
        List.of(80, 80, 81, 82, 83, 84),
        config.guestForwards().stream().map(rule -> rule.port()).toList());
  }

  private static SlirpConfig read(String options) throws OptionException {
    return SlirpConfigReader.read(
        KeyValueList.parse(options),
        new SmbOptions(new UncheckedShares(), Map.of("s", new Secret("s", "word\n"))));
  }
}
