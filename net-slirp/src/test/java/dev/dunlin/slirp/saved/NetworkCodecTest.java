package dev.dunlin.slirp.saved;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.ModuleStateException;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.saved.SavedNetwork.Forward;
import dev.dunlin.slirp.saved.SavedNetwork.GuestForward;
import dev.dunlin.slirp.saved.SavedNetwork.Neighbour;
import dev.dunlin.slirp.service.DhcpLeases;
import dev.dunlin.slirp.service.DhcpLeases.Lease;
import dev.dunlin.slirp.tcp.SavedFlow;
import dev.dunlin.slirp.tcp.TcpState;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.Fuzz;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a stream may say of a network, true or not. */
final class NetworkCodecTest {
  private static final long MAC = 0x525400123456L;

  private IpAddr network = IpAddr.parse("10.0.2.0");
  private ImmutableList<Lease> leases =
      ImmutableList.of(new Lease(Packets.GUEST, MAC, 3_600_000_000_000L));
  private ImmutableList<Neighbour> neighbours = ImmutableList.of(new Neighbour(Packets.GUEST, MAC));
  private ImmutableList<Forward> forwards =
      ImmutableList.of(
          new Forward(
              new HostEndpoint.Tcp(new InetSocketAddress("127.0.0.1", 2222)), Packets.GUEST, 22),
          new Forward(new HostEndpoint.Udp(new InetSocketAddress("::1", 53)), Packets.GUEST, 53),
          new Forward(new HostEndpoint.Unix(Path.of("/run/a-b/ä")), Packets.GUEST, 1));
  private ImmutableList<SavedFlow> flows =
      ImmutableList.of(
          flow(TcpState.SYN_SENT),
          flow(TcpState.SYN_RECEIVED),
          flow(TcpState.ESTABLISHED),
          flow(TcpState.FIN_WAIT_1),
          flow(TcpState.FIN_WAIT_2),
          flow(TcpState.CLOSE_WAIT),
          flow(TcpState.CLOSING),
          flow(TcpState.LAST_ACK));

  private static SavedFlow flow(TcpState state) {
    return new SavedFlow(state, Packets.GUEST, 40_000, Packets.OUTSIDE, 65_535, -1, 0x8000_0000, 1);
  }

  private SavedNetwork saved() {
    return new SavedNetwork(
        new UUID(1, -2),
        network,
        0xffff_ff00,
        0xfffe,
        leases,
        neighbours,
        forwards,
        ImmutableList.of(new GuestForward(IpAddr.parse("10.0.2.100"), 1234)),
        flows);
  }

  private static SavedNetwork load(byte[] bytes) throws ModuleStateException {
    SavedNetwork read = NetworkCodec.decode(bytes);
    new NetworkCheck(VirtualNet.standard(), Packets.GUEST, 4096).check(read);
    return read;
  }

  private static String refusal(byte[] bytes) {
    return String.valueOf(assertThrows(ModuleStateException.class, () -> load(bytes)).getMessage());
  }

  private String refusal() {
    return refusal(NetworkCodec.encode(saved()));
  }

  @Test
  void what_is_written_is_read_back() throws Exception {
    byte[] bytes = NetworkCodec.encode(saved());
    assertEquals(saved(), load(bytes));
    assertArrayEquals(bytes, NetworkCodec.encode(load(bytes)));
  }

  @Test
  void a_state_that_is_cut_anywhere_or_too_long_is_refused() {
    byte[] bytes = NetworkCodec.encode(saved());
    for (int length = 0; length < bytes.length; length++) {
      String said = refusal(Arrays.copyOf(bytes, length));
      assertTrue(said.equals("it ends too early") || said.contains("more than there"), said);
    }
    assertEquals("3 bytes too many", refusal(Arrays.copyOf(bytes, bytes.length + 3)));
  }

  /** Every count is be32 before its list, and here none of the lists has anything. */
  @Test
  void a_count_of_two_to_the_31_and_a_negative_length_are_refused() {
    leases = ImmutableList.of();
    neighbours = ImmutableList.of();
    forwards = ImmutableList.of();
    flows = ImmutableList.of();
    byte[] bytes = NetworkCodec.encode(saved());
    int end = bytes.length;
    for (int count : new int[] {Integer.MIN_VALUE, -1, Integer.MAX_VALUE, 4097}) {
      ByteBuffer lying = ByteBuffer.wrap(bytes.clone());
      assertEquals(
          Integer.toUnsignedString(count) + " connections are more than there are bytes for",
          refusal(lying.putInt(end - 4, count).array()));
    }
    ByteBuffer leased = ByteBuffer.wrap(bytes.clone());
    assertEquals(
        "2147483648 leases are more than there are bytes for",
        refusal(leased.putInt(39, Integer.MIN_VALUE).array()));
  }

  @Test
  void more_connections_than_any_network_has_are_refused() {
    flows = ImmutableList.copyOf(Collections.nCopies(4097, flow(TcpState.ESTABLISHED)));
    assertEquals("4097 connections are more than any network has", refusal());
  }

  @Test
  void port_0_is_refused() {
    flows =
        ImmutableList.of(
            new SavedFlow(TcpState.ESTABLISHED, Packets.GUEST, 0, Packets.OUTSIDE, 80, 1, 1, 1));
    assertEquals("there is no port 0", refusal());
    flows = ImmutableList.of();
    forwards =
        ImmutableList.of(
            new Forward(
                new HostEndpoint.Tcp(new InetSocketAddress("127.0.0.1", 80)), Packets.GUEST, 0));
    assertEquals("there is no port 0", refusal());
  }

  @Test
  void an_unknown_state_kind_or_format_is_refused() {
    flows = ImmutableList.of(flow(TcpState.ESTABLISHED));
    byte[] bytes = NetworkCodec.encode(saved());
    int state = bytes.length - 49;
    for (int code : new int[] {0, 9, 255}) {
      byte[] lying = bytes.clone();
      lying[state] = (byte) code;
      assertEquals("a connection's state " + code + " is unknown", refusal(lying));
    }
    byte[] later = bytes.clone();
    later[0] = 2;
    assertEquals("a network of format 2 can't be read", refusal(later));
  }

  @Test
  void a_lease_outside_the_net_or_the_pool_twice_or_endless_is_refused() {
    for (String address : new String[] {"192.168.1.1", "10.0.2.2", "10.0.2.14", "10.0.2.31"}) {
      leases = ImmutableList.of(new Lease(IpAddr.parse(address), MAC, 1));
      assertEquals("a lease of " + address + " is none of this network's", refusal());
    }
    Lease good = new Lease(Packets.GUEST, MAC, 1);
    leases = ImmutableList.of(good, good);
    assertEquals("10.0.2.15 is leased twice", refusal());
    for (long left : new long[] {0, -1, DhcpLeases.LONGEST + 1}) {
      leases = ImmutableList.of(new Lease(Packets.GUEST, MAC, left));
      assertEquals("a lease of " + left + " nanoseconds isn't one", refusal());
    }
    leases = ImmutableList.of(new Lease(Packets.GUEST, 0xffff_ffff_ffffL, 1));
    assertEquals("a guest's Ethernet address is none", refusal());
  }

  @Test
  void another_network_and_strangers_in_it_are_refused() {
    flows =
        ImmutableList.of(
            new SavedFlow(
                TcpState.ESTABLISHED, IpAddr.parse("10.0.2.2"), 1, Packets.OUTSIDE, 80, 1, 1, 1));
    assertEquals("10.0.2.2 is no guest of this network", refusal());
    flows = ImmutableList.of();
    neighbours = ImmutableList.of(new Neighbour(IpAddr.LOOPBACK_V6, MAC));
    assertEquals(IpAddr.LOOPBACK_V6 + " is no guest of this network", refusal());
    network = IpAddr.parse("10.0.3.0");
    assertEquals("the guest is of network 10.0.3.0, not 10.0.2.0", refusal());
  }

  @Test
  void mutated_states_are_read_or_refused_and_never_throw_anything_else() {
    byte[] bytes = NetworkCodec.encode(saved());
    Fuzz.hostile(
        19,
        20_000,
        bytes,
        mutated -> {
          try {
            load(mutated);
          } catch (ModuleStateException refused) {
            assertTrue(String.valueOf(refused.getMessage()).length() > 5);
          }
        });
  }
}
