package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.slirp.forward.ForwardSelector;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.forward.HostForwardRule;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.service.DhcpConfig;
import dev.dunlin.slirp.smb.SmbOptions;
import dev.dunlin.slirp.smb.UncheckedShares;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.NoLeaks;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Facts of QEMU's options that are easily missed and that no other test is about: the first five.
 * Those of the protocols are beside them.
 */
@NoLeaks
final class EasilyMissedFactsTest {

  private static SlirpConfig read(String options) throws OptionException {
    return SlirpConfigReader.read(
        KeyValueList.parse(options), new SmbOptions(new UncheckedShares(), Map.of()));
  }

  @Test
  void default_addresses_are_net_plus_0_0_2_x_under_the_mask() throws OptionException {
    SlirpConfig.Ipv4 wide = read("net=10.0.0.0/8").ipv4();
    assertEquals("10.0.2.2", wide.host().toString());
    assertEquals("10.0.2.3", wide.dns().toString());
    assertEquals("10.0.2.4", wide.defaultServer().toString());
    assertEquals("10.0.2.15", wide.dhcpStart().toString());
    SlirpConfig.Ipv4 narrow = read("net=192.168.7.64/26").ipv4();
    assertEquals("192.168.7.66", narrow.host().toString());
  }

  @Test
  void in_a_28_the_default_dhcp_start_is_the_broadcast_address_which_nobody_gets()
      throws Exception {
    SlirpConfig config = read("net=10.0.2.96/28");
    assertEquals("10.0.2.111", config.ipv4().dhcpStart().toString());
    VirtualNet net = StackServices.virtualNet(config);
    IpAddr first = DhcpConfig.firstLease(net, IpAddr.parse("10.0.2.111"));
    assertEquals("10.0.2.97", first.toString());
    // A forward without an address goes where the first lease does.
    UserNetwork network =
        TestNetworks.network(
            KeyValueList.parse("net=10.0.2.96/28,hostfwd=tcp:127.0.0.1:0-:22"), now -> List.of());
    network.start().toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertEquals(first, network.forwards().get(0).guest());
    network.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void dns_may_lie_outside_net_unless_restrict_is_on() throws OptionException {
    assertEquals("8.8.8.8", read("dns=8.8.8.8").ipv4().dns().toString());
    assertEquals(
        "DNS doesn't belong to network",
        assertThrows(OptionException.class, () -> read("dns=8.8.8.8,restrict=on")).getMessage());
  }

  @Test
  void a_guestfwd_with_an_empty_server_means_dot_four_and_conflicts_by_address_and_port()
      throws OptionException {
    VirtualNet net = StackServices.virtualNet(read("guestfwd=tcp::80-cmd:cat"));
    assertTrue(net.isOurs(IpAddr.parse("10.0.2.4").v4()));
    assertEquals(
        2, read("guestfwd=tcp::80-cmd:cat,guestfwd=tcp::81-cmd:cat").guestForwards().size());
    assertEquals(
        2,
        read("guestfwd=tcp::80-cmd:cat,guestfwd=tcp:10.0.2.5:80-cmd:cat").guestForwards().size());
    String both = "guestfwd=tcp::80-cmd:cat,guestfwd=tcp:10.0.2.4:80-cmd:cat";
    assertEquals(
        "Conflicting/invalid host:port in guest forwarding rule 'tcp:10.0.2.4:80-cmd:cat'",
        assertThrows(OptionException.class, () -> read(both)).getMessage());
    // The share is at .4 too, on two ports only.
    assertEquals(1, read("smb=/tmp,guestfwd=tcp::80-cmd:cat").guestForwards().size());
    assertThrows(OptionException.class, () -> read("smb=/tmp,guestfwd=tcp::445-cmd:cat"));
  }

  @Test
  void ports_of_hostfwd_are_read_in_any_base_and_those_of_hostfwd_remove_in_decimal()
      throws OptionException {
    for (Map.Entry<String, Integer> port :
        Map.of("0x50", 80, "010", 8, "0X1f90", 8080, "80", 80).entrySet()) {
      HostForwardRule rule =
          HostForwardRule.parse("tcp:127.0.0.1:" + port.getKey() + "-:" + port.getKey());
      assertEquals(List.of(tcp(port.getValue())), rule.endpoints(), port.getKey());
      assertEquals(port.getValue(), rule.guestPort(0), port.getKey());
    }
    assertTrue(selects("tcp:127.0.0.1:80", 80));
    assertTrue(selects("tcp:127.0.0.1:010", 10), "decimal, whatever it begins with");
    assertFalse(selects("tcp:127.0.0.1:010", 8));
    assertFalse(selects("tcp:127.0.0.1:0x50", 80));
  }

  private static HostEndpoint.Tcp tcp(int port) {
    return new HostEndpoint.Tcp(new InetSocketAddress("127.0.0.1", port));
  }

  private static boolean selects(String text, int port) {
    return ForwardSelector.parse(text)
        .filter(selector -> selector.matches(new Listening(tcp(port))))
        .isPresent();
  }

  private record Listening(HostEndpoint endpoint) implements HostForward {
    @Override
    public IpAddr guest() {
      return Packets.GUEST;
    }

    @Override
    public int guestPort() {
      return 22;
    }

    @Override
    public long refused() {
      return 0;
    }

    @Override
    public int descriptor() {
      return -1;
    }

    @Override
    public void close() {}
  }
}
