package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.smb.UncheckedShares;
import dev.dunlin.testing.LeakCheck;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The monitor's network commands on real networks; the expected words were read off QEMU 7.2. */
@NoLeaks
class NetworkMonitorTest {

  private static final String HEADER =
      "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\n";

  /** Lines after which a real QEMU and Dunlin print the same. */
  private static final List<String> DIALOGUE =
      List.of(
          "info usernet",
          "info network",
          "hostfwd_add foo",
          "hostfwd_add",
          "hostfwd_add nope tcp::1-:1",
          "hostfwd_add hub0port1 tcp::1-:1",
          "hostfwd_add tcp:192.0.2.1:80-:80",
          "hostfwd_add tcp::80-:80 x y",
          "hostfwd_remove tcp::1",
          "hostfwd_remove u udp:127.0.0.1:1",
          "hostfwd_remove foo",
          "hostfwd_remove tcp",
          "hostfwd_remove tcp:",
          "hostfwd_remove tcp::",
          "hostfwd_remove tcp:1.2.3.4:x",
          "hostfwd_remove tcp:foo:1",
          "hostfwd_remove icmp::1",
          "hostfwd_remove tcp::0x50",
          "hostfwd_remove tcp::99999",
          "hostfwd_remove nope tcp::1",
          "hostfwd_remove",
          "set_link u off",
          "set_link nope off",
          "set_link u maybe",
          "netdev_add user",
          "netdev_add foo,id=y",
          "netdev_add user,id=y,foo=1",
          "netdev_add nic,id=q",
          "netdev_add user,id=z,net=foo",
          "netdev_add user,id=a,hostfwd=tcp:192.0.2.1:1-:1",
          "netdev_add user,id=x",
          "info network",
          "info usernet",
          "netdev_add hubport,id=h,hubid=3,netdev=x",
          "info network",
          "netdev_del u",
          "netdev_del hub0port1",
          "netdev_del nope",
          "netdev_del e1000.0",
          "netdev_del h",
          "info network",
          "netdev_del x",
          "netdev_del x",
          "info network",
          "info usernet");

  @BeforeAll
  static void let_the_jvm_open_its_own() throws Exception {
    LeakCheck.begin().left();
    try (MonitoredNetworks warm = new MonitoredNetworks("-net user,hostfwd=tcp:127.0.0.1:0-:1")) {
      warm.type("info usernet");
    }
  }

  @Test
  @RequiresPeer("qemu-system-x86_64")
  void every_answer_is_qemus() throws Exception {
    try (RealQemu qemu =
            RealQemu.start("-S", "-monitor", "none", "-net", "nic", "-net", "user,id=u");
        MonitoredNetworks ours = new MonitoredNetworks("-net nic -net user,id=u")) {
      for (String line : DIALOGUE) {
        String theirs =
            String.valueOf(
                    qemu.qmp().execute("human-monitor-command", Map.of("command-line", line)))
                .replace("\r\n", "\n");
        assertEquals(theirs, ours.type(line), line);
      }
    }
  }

  @Test
  void forwards_are_listed_in_libslirps_columns() throws Exception {
    try (MonitoredNetworks networks =
        new MonitoredNetworks(
            "-net nic -net user,id=u,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=udp::0-10.0.2.9:53")) {
      List<String> lines =
          networks.type("info usernet").lines().map(NetworkMonitorTest::withoutPort).toList();
      assertEquals(
          List.of(
              "Hub 0 (u):",
              HEADER.stripTrailing(),
              "  TCP[HOST_FORWARD] FD       127.0.0.1 PORT       10.0.2.15    22     0     0",
              "  UDP[HOST_FORWARD] FD               * PORT        10.0.2.9    53     0     0"),
          lines);
    }
  }

  @Test
  void a_forward_is_added_and_removed_while_running() throws Exception {
    try (MonitoredNetworks networks = new MonitoredNetworks("-netdev user,id=v");
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String host = "tcp:127.0.0.1:" + socket.getLocalPort();
      String could = "Could not set up host forwarding rule '" + host + "-:22'\n";
      assertEquals(could, networks.type("hostfwd_add " + host + "-:22"));
      socket.close();
      assertEquals("", networks.type("hostfwd_add v " + host + "-:22"));
      assertEquals(could, networks.type("hostfwd_add " + host + "-:22"));
      assertEquals(
          "host forwarding rule for " + host + " removed\n",
          networks.type("hostfwd_remove " + host));
      assertEquals(
          "host forwarding rule for " + host + " not found\n",
          networks.type("hostfwd_remove " + host));
      assertEquals("Hub -1 (v):\n" + HEADER, networks.type("info usernet"));
    }
  }

  @Test
  void without_a_user_network_there_is_nothing_to_forward() throws Exception {
    try (MonitoredNetworks networks = new MonitoredNetworks("-nodefaults")) {
      assertEquals("", networks.type("info usernet"));
      assertEquals("user mode network stack not in use\n", networks.type("hostfwd_add tcp::1-:1"));
      assertEquals("user mode network stack not in use\n", networks.type("hostfwd_remove tcp::1"));
    }
  }

  @Test
  void a_card_keeps_showing_a_netdev_that_is_gone() throws Exception {
    try (MonitoredNetworks networks =
        new MonitoredNetworks("-netdev user,id=u -device e1000,netdev=u,id=n")) {
      String before = networks.type("info network");
      assertEquals("", networks.type("netdev_del u"));
      assertEquals(before, networks.type("info network"));
      assertEquals("unrecognized netdev id 'u'\n", networks.type("hostfwd_remove u tcp::1"));
    }
  }

  @Test
  void a_second_netdev_of_one_id_is_refused_where_it_is_typed() throws Exception {
    try (MonitoredNetworks networks = new MonitoredNetworks("-netdev user,id=u")) {
      assertEquals("Error: Duplicate ID 'u' for netdev\n", networks.type("netdev_add user,id=u"));
      assertEquals(
          """
        Error: Parameter 'id' expects an identifier
        Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.
        """,
          networks.type("netdev_add user,id=1"));
    }
  }

  @Test
  void a_share_that_is_not_served_yet_says_so() throws Exception {
    try (MonitoredNetworks networks =
        new MonitoredNetworks("-net user,id=u,smb=/tmp", new UncheckedShares())) {
      assertEquals(
          "Hub 0 (u):\n" + HEADER + "  share 'qemu' of '/tmp' at 10.0.2.4\n",
          networks.type("info usernet"));
    }
  }

  @Test
  void a_share_without_samba_is_refused() throws Exception {
    try (MonitoredNetworks networks = new MonitoredNetworks("-netdev user,id=u")) {
      assertEquals(
          "Error: could not find 'smbd', please install it\n",
          networks.type("netdev_add user,id=s,smb=/tmp"));
    }
  }

  @Test
  void the_old_options_are_the_first_networks() throws Exception {
    try (MonitoredNetworks networks =
        new MonitoredNetworks(
            "-redir tcp:0:10.0.2.7:80 -tftp /srv -net user,id=a -net user,id=b")) {
      List<String> lines =
          networks.type("info usernet").lines().map(NetworkMonitorTest::withoutPort).toList();
      assertEquals(
          List.of(
              "Hub 0 (a):",
              HEADER.stripTrailing(),
              "  TCP[HOST_FORWARD] FD               * PORT        10.0.2.7    80     0     0",
              "Hub 0 (b):",
              HEADER.stripTrailing()),
          lines);
    }
  }

  @Test
  void the_machine_monitor_has_the_same_commands() throws Exception {
    try (MonitoredNetworks networks = new MonitoredNetworks("-nodefaults")) {
      assertEquals(
          Map.of(),
          networks.execute(
              "netdev_add",
              Map.of(
                  "type",
                  "user",
                  "id",
                  "u",
                  "restrict",
                  true,
                  "ipv6-prefixlen",
                  80L,
                  "mtu",
                  9000L,
                  "hostfwd",
                  List.of(Map.of("str", "tcp:127.0.0.1:0-:22")))));
      Object shown = networks.execute("x-query-usernet", Map.of());
      assertTrue(
          shown.toString().contains("id=u, net=10.0.2.0, restrict=true, mtu=9000"),
          shown.toString());
      assertTrue(shown.toString().contains("guest=10.0.2.15, guest-port=22"), shown.toString());
      assertEquals(
          "GenericError: Invalid host forwarding rule 'x' (No : separators)",
          networks.execute("x-hostfwd-add", Map.of("rule", "x")));
      assertEquals(
          "GenericError: host forwarding rule for tcp::1 not found",
          networks.execute("x-hostfwd-remove", Map.of("id", "u", "rule", "tcp::1")));
      assertEquals(
          "GenericError: invalid format",
          networks.execute("x-hostfwd-remove", Map.of("rule", "x")));
      assertEquals(
          "GenericError: Duplicate ID 'u' for netdev",
          networks.execute("netdev_add", Map.of("type", "user", "id", "u")));
      assertEquals(
          "DeviceNotFound: Device 'nope' not found",
          networks.execute("set_link", Map.of("name", "nope", "up", true)));
      assertEquals(Map.of(), networks.execute("netdev_del", Map.of("id", "u")));
      assertEquals(
          "DeviceNotFound: Device 'u' not found",
          networks.execute("netdev_del", Map.of("id", "u")));
    }
  }

  @Test
  void a_port_that_is_taken_refuses_the_start_with_the_option_before_it() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String option = "user,id=u,hostfwd=tcp:127.0.0.1:" + taken.getLocalPort() + "-:22";
      Throwable refused =
          assertThrows(
              IllegalStateException.class,
              () -> {
                try (MonitoredNetworks never =
                    new MonitoredNetworks(
                        "-netdev user,id=first,hostfwd=udp:127.0.0.1:0-:1 -netdev " + option)) {
                  never.type("info network");
                }
              });
      assertEquals(
          "dev.dunlin.core.cli.OptionException: -netdev "
              + option
              + ": Could not set up host forwarding rule '"
              + option.substring(option.indexOf("tcp:"))
              + "'",
          refused.getMessage());
    }
  }

  private static String withoutPort(String line) {
    return line.replaceAll("^(  \\w+\\[HOST_FORWARD\\]) +\\d+( +\\S+) +\\d+", "$1 FD$2 PORT");
  }
}
