package dev.dunlin.slirp.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Parsed;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.wire.DhcpMessage;
import dev.dunlin.slirp.wire.DhcpOption;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.Fuzz;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DhcpServerTest {
  private static final int FIRST = 0x0a00020f;
  private static final int SERVER = Packets.GATEWAY.v4();

  private final TestStack stack = new TestStack();
  private DhcpServer server = serve(DhcpConfig.standard(VirtualNet.standard(), Packets.GUEST));

  private DhcpServer serve(DhcpConfig config) {
    stack.ports.unbind(Packets.GATEWAY, 67);
    server = new DhcpServer(config, stack.neighbours, stack.pool, stack.udpOutput, stack.drops);
    stack.ports.bind(Packets.GATEWAY, 67, server);
    return server;
  }

  private static final class Config {
    VirtualNet net = VirtualNet.standard();
    int mtu = 1500;
    boolean restricted;
    Optional<String> host = Optional.empty();
    Optional<String> domain = Optional.empty();
    List<String> search = List.of();
    Optional<String> tftp = Optional.empty();
    Optional<IpAddr> next = Optional.empty();
    Optional<String> file = Optional.empty();
    List<DhcpConfig.Route> routes = List.of();

    DhcpConfig build() {
      return new DhcpConfig(
          net, Packets.GUEST, mtu, restricted, host, domain, search, tftp, next, file, routes);
    }
  }

  @AfterEach
  void nothing_leaks() {
    stack.assertNothingLeaks();
  }

  private static DhcpMessage message(int type, long mac) {
    DhcpMessage message = new DhcpMessage();
    message.op = DhcpMessage.BOOT_REQUEST;
    message.xid = 0xcafe0000 | (int) (mac & 0xffff);
    Mac.write(ByteBuffer.wrap(message.hardwareAddress), 0, mac);
    if (type != 0) {
      message.options.putOctet(DhcpOption.MESSAGE_TYPE, type);
    }
    return message;
  }

  private static DhcpMessage discover() {
    return message(DhcpMessage.DISCOVER, Packets.GUEST_MAC);
  }

  private static DhcpMessage request(int address) {
    DhcpMessage request = message(DhcpMessage.REQUEST, Packets.GUEST_MAC);
    request.options.putQuad(DhcpOption.REQUESTED_ADDRESS, address);
    return request;
  }

  private void send(DhcpMessage message) {
    send(message, 1472);
  }

  private void send(DhcpMessage message, int limit) {
    stack.guest(Packets.udp(IpAddr.ANY_V4, 68, IpAddr.BROADCAST_V4, 67, message.emit(limit)));
  }

  private DhcpMessage answer(Parsed packet) {
    packet.udp();
    assertEquals(67, packet.udp.sourcePort());
    assertEquals(68, packet.udp.destinationPort());
    assertEquals(Packets.GATEWAY, packet.source());
    byte[] payload = packet.udpPayload();
    assertTrue(payload.length >= 300, "padded as RFC 951 says");
    DhcpMessage message =
        DhcpMessage.parse(ByteBuffer.wrap(payload), 0, payload.length).orElseThrow();
    assertEquals(DhcpMessage.BOOT_REPLY, message.op);
    return message;
  }

  private DhcpMessage answer() {
    return answer(stack.link.only());
  }

  private DhcpMessage lease(long mac) {
    send(message(DhcpMessage.DISCOVER, mac));
    DhcpMessage offer = answer();
    DhcpMessage request = message(DhcpMessage.REQUEST, mac);
    request.options.putQuad(DhcpOption.REQUESTED_ADDRESS, offer.yourAddress);
    request.options.putQuad(DhcpOption.SERVER_ID, SERVER);
    send(request);
    return answer();
  }

  private static String text(DhcpMessage message, int option) {
    return new String(message.options.bytes(option).orElseThrow(), StandardCharsets.UTF_8);
  }

  // ---- the four messages ----

  @Test
  void discover_offer_request_ack() {
    send(discover());
    DhcpMessage offer = answer();
    assertEquals(DhcpMessage.OFFER, offer.type());
    assertEquals(FIRST, offer.yourAddress);
    assertEquals(SERVER, offer.options.quad(DhcpOption.SERVER_ID).orElse(0));
    DhcpMessage request = request(FIRST);
    request.options.putQuad(DhcpOption.SERVER_ID, SERVER);
    send(request);
    DhcpMessage ack = answer();
    assertEquals(DhcpMessage.ACK, ack.type());
    assertEquals(FIRST, ack.yourAddress);
    assertEquals(discover().xid, ack.xid);
    assertEquals(Packets.GUEST_MAC, ack.mac());
    assertEquals(0xffffff00, ack.options.quad(DhcpOption.SUBNET_MASK).orElse(0));
    assertEquals(SERVER, ack.options.quad(DhcpOption.ROUTER).orElse(0));
    assertEquals(Packets.DNS.v4(), ack.options.quad(DhcpOption.DNS).orElse(0));
    assertEquals(86_400, ack.options.quad(DhcpOption.LEASE_TIME).orElse(0));
    assertEquals(SERVER, ack.serverAddress);
    assertEquals(Packets.GUEST_MAC, stack.neighbours.macOf(FIRST));
    assertEquals(1, server.leases(stack.now()).size());
  }

  @Test
  void broadcast_flag_decides_where_the_answer_goes() {
    send(discover());
    Parsed unicast = stack.link.only().udp();
    assertEquals(Packets.GUEST_MAC, unicast.ethernet.destination());
    assertEquals(Packets.GUEST, unicast.destination());
    DhcpMessage deaf = discover();
    deaf.flags = DhcpMessage.FLAG_BROADCAST;
    send(deaf);
    Parsed broadcast = stack.link.only().udp();
    assertEquals(Mac.BROADCAST, broadcast.ethernet.destination());
    assertEquals(IpAddr.BROADCAST_V4, broadcast.destination());
  }

  @Test
  void renewal_is_answered_to_the_clients_address() {
    lease(Packets.GUEST_MAC);
    DhcpMessage renew = message(DhcpMessage.REQUEST, Packets.GUEST_MAC);
    renew.clientAddress = FIRST;
    stack.guest(Packets.udp(Packets.GUEST, 68, Packets.GATEWAY, 67, renew.emit(1472)));
    Parsed packet = stack.link.only();
    assertEquals(DhcpMessage.ACK, answer(packet).type());
    assertEquals(Packets.GUEST, packet.destination());
    assertEquals(Packets.GUEST_MAC, packet.ethernet.destination());
  }

  @Test
  void renewal_after_a_restart_of_the_server_is_granted() {
    DhcpMessage renew = message(DhcpMessage.REQUEST, Packets.GUEST_MAC);
    renew.clientAddress = FIRST + 3;
    send(renew);
    assertEquals(DhcpMessage.ACK, answer().type());
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.168.1.5", "10.0.2.2", "10.0.2.14", "10.0.2.31", "10.0.2.255"})
  void request_for_an_address_outside_the_pool_gets_a_broadcast_nak(String address) {
    send(request(IpAddr.parse(address).v4()));
    Parsed packet = stack.link.only();
    DhcpMessage nak = answer(packet);
    assertEquals(DhcpMessage.NAK, nak.type());
    assertEquals(0, nak.yourAddress);
    assertEquals("requested address not available", text(nak, DhcpOption.MESSAGE));
    assertEquals(Mac.BROADCAST, packet.ethernet.destination());
    assertFalse(nak.options.has(DhcpOption.LEASE_TIME));
  }

  @Test
  void request_for_another_clients_address_gets_a_nak() {
    lease(0x020000000001L);
    send(request(FIRST));
    assertEquals(DhcpMessage.NAK, answer().type());
  }

  @Test
  void request_to_another_server_frees_the_offer_and_stays_unanswered() {
    send(discover());
    stack.link.clear();
    DhcpMessage other = request(FIRST);
    other.options.putQuad(DhcpOption.SERVER_ID, SERVER + 50);
    send(other);
    stack.link.assertSilent();
    assertTrue(server.leases(stack.now()).isEmpty());
  }

  @Test
  void guest_that_rebinds_with_an_address_of_another_network_gets_a_nak() {
    IpAddr old = IpAddr.parse("192.168.122.50");
    DhcpMessage rebind = message(DhcpMessage.REQUEST, Packets.GUEST_MAC);
    rebind.clientAddress = old.v4();
    stack.guest(Packets.udp(old, 68, IpAddr.BROADCAST_V4, 67, rebind.emit(548)));
    Parsed packet = stack.link.only();
    assertEquals(DhcpMessage.NAK, answer(packet).type());
    assertEquals(Mac.BROADCAST, packet.ethernet.destination());
    stack.guest(Packets.udp(old, 68, Packets.OUTSIDE, 67, rebind.emit(548)));
    stack.guest(Packets.udp(old, 68, Packets.DNS, 67, rebind.emit(548)));
    stack.assertDropped(DropReason.IP_SOURCE, 2);
    stack.link.assertSilent();
  }

  @Test
  void rapid_commit_leases_in_two_messages() {
    DhcpMessage discover = discover();
    discover.options.put(DhcpOption.RAPID_COMMIT);
    send(discover);
    DhcpMessage ack = answer();
    assertEquals(DhcpMessage.ACK, ack.type());
    assertTrue(ack.options.has(DhcpOption.RAPID_COMMIT));
    assertEquals(1, server.leases(stack.now()).size());
  }

  @Test
  void inform_gets_configuration_but_no_lease() {
    DhcpMessage inform = message(DhcpMessage.INFORM, Packets.GUEST_MAC);
    inform.clientAddress = 0x0a000264;
    stack.guest(Packets.udp(IpAddr.v4(0x0a000264), 68, IpAddr.BROADCAST_V4, 67, inform.emit(1472)));
    Parsed packet = stack.link.only();
    DhcpMessage ack = answer(packet);
    assertEquals(DhcpMessage.ACK, ack.type());
    assertEquals(0, ack.yourAddress);
    assertFalse(ack.options.has(DhcpOption.LEASE_TIME));
    assertTrue(ack.options.has(DhcpOption.DNS));
    assertEquals(IpAddr.v4(0x0a000264), packet.destination());
    assertTrue(server.leases(stack.now()).isEmpty());
  }

  @Test
  void released_address_is_free_and_comes_back_to_its_client() {
    lease(Packets.GUEST_MAC);
    DhcpMessage release = message(DhcpMessage.RELEASE, Packets.GUEST_MAC);
    release.clientAddress = FIRST;
    release.options.putQuad(DhcpOption.SERVER_ID, SERVER);
    send(release);
    stack.link.assertSilent();
    assertTrue(server.leases(stack.now()).isEmpty());
    assertEquals(FIRST + 1, lease(0x020000000001L).yourAddress);
    assertEquals(FIRST, lease(Packets.GUEST_MAC).yourAddress);
  }

  @Test
  void nobody_can_release_or_decline_another_clients_lease() {
    lease(Packets.GUEST_MAC);
    DhcpMessage release = message(DhcpMessage.RELEASE, 0x020000000009L);
    release.clientAddress = FIRST;
    send(release);
    DhcpMessage decline = message(DhcpMessage.DECLINE, 0x020000000009L);
    decline.options.putQuad(DhcpOption.REQUESTED_ADDRESS, FIRST);
    send(decline);
    assertEquals(1, server.leases(stack.now()).size());
  }

  @Test
  void declined_address_rests_and_the_client_gets_another() {
    lease(Packets.GUEST_MAC);
    DhcpMessage decline = message(DhcpMessage.DECLINE, Packets.GUEST_MAC);
    decline.options.putQuad(DhcpOption.REQUESTED_ADDRESS, FIRST);
    decline.options.putQuad(DhcpOption.SERVER_ID, SERVER);
    send(decline);
    assertEquals(FIRST + 1, lease(Packets.GUEST_MAC).yourAddress);
    assertEquals(FIRST + 2, lease(0x020000000001L).yourAddress);
    stack.pass(Duration.ofMinutes(10));
    assertEquals(FIRST, lease(0x020000000002L).yourAddress);
  }

  @Test
  void plain_bootp_gets_an_address_without_dhcp_options() {
    DhcpMessage bootp = message(0, Packets.GUEST_MAC);
    bootp.cookie = false;
    send(bootp);
    DhcpMessage reply = answer();
    assertEquals(FIRST, reply.yourAddress);
    assertFalse(reply.cookie);
    bootp.cookie = true;
    send(bootp);
    DhcpMessage vendor = answer();
    assertEquals(FIRST, vendor.yourAddress);
    assertTrue(vendor.options.has(DhcpOption.ROUTER));
    assertFalse(vendor.options.has(DhcpOption.MESSAGE_TYPE));
  }

  @Test
  void bootp_shorter_than_its_structure_gets_no_answer() {
    byte[] whole = discover().emit(1472);
    stack.guest(
        Packets.udp(
            IpAddr.ANY_V4, 68, IpAddr.BROADCAST_V4, 67, java.util.Arrays.copyOf(whole, 200)));
    stack.assertDropped(DropReason.DHCP_MALFORMED, 1);
    stack.link.assertSilent();
  }

  // ---- the table ----

  @Test
  void sixteen_clients_get_sixteen_addresses_and_the_seventeenth_none() {
    Set<Integer> addresses = new HashSet<>();
    for (int client = 0; client < 16; client++) {
      addresses.add(lease(0x020000000000L + client).yourAddress);
    }
    assertEquals(16, addresses.size());
    send(message(DhcpMessage.DISCOVER, 0x020000000099L));
    stack.link.assertSilent();
    stack.assertDropped(DropReason.DHCP_BOUND, 1);
  }

  @Test
  void seventeenth_client_gets_the_address_that_expired_first() {
    for (int client = 0; client < 16; client++) {
      lease(0x020000000000L + client);
      stack.pass(Duration.ofMinutes(1));
    }
    stack.pass(Duration.ofHours(24).minusMinutes(15));
    assertEquals(FIRST, lease(0x020000000099L).yourAddress);
  }

  @Test
  void offers_nobody_takes_are_free_again_after_a_minute() {
    for (int client = 0; client < 16; client++) {
      send(message(DhcpMessage.DISCOVER, 0x020000000000L + client));
    }
    stack.link.clear();
    send(message(DhcpMessage.DISCOVER, 0x020000000099L));
    stack.link.assertSilent();
    stack.pass(Duration.ofSeconds(60));
    assertEquals(FIRST, lease(0x020000000099L).yourAddress);
  }

  @Test
  void client_keeps_its_address_whatever_its_identifier() {
    lease(Packets.GUEST_MAC);
    DhcpMessage other = discover();
    other.options.put(DhcpOption.CLIENT_ID, (byte) 255, (byte) 1, (byte) 2);
    send(other);
    assertEquals(FIRST, answer().yourAddress);
  }

  @Test
  void wished_address_is_offered_when_free() {
    DhcpMessage discover = discover();
    discover.options.putQuad(DhcpOption.REQUESTED_ADDRESS, FIRST + 7);
    send(discover);
    assertEquals(FIRST + 7, answer().yourAddress);
  }

  @Test
  void address_configured_by_hand_on_another_guest_is_not_offered() {
    stack.neighbours.learn(FIRST, 0x020000000077L, stack.now());
    send(discover());
    assertEquals(FIRST + 1, answer().yourAddress);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.2.0, 28, 10.0.2.15, 10.0.2.1, 11",
    "10.0.2.0, 29, 10.0.2.7, 10.0.2.1, 3",
    "10.0.0.0, 8, 10.0.2.15, 10.0.2.15, 16",
    "10.0.2.0, 24, 10.0.2.250, 10.0.2.250, 16",
  })
  void pool_wraps_where_the_default_start_is_the_broadcast_address(
      String network, int length, String start, String first, int size) {
    VirtualNet net =
        VirtualNet.of(
            IpAddr.parse(network),
            length,
            Packets.GATEWAY,
            Packets.DNS,
            Set.of(IpAddr.parse("10.0.2.4")));
    DhcpServer own = serve(DhcpConfig.standard(net, IpAddr.parse(start)));
    assertEquals(size, own.poolSize());
    send(discover());
    assertEquals(IpAddr.parse(first), IpAddr.v4(answer().yourAddress));
  }

  @Test
  void restored_lease_must_belong_to_the_pool() {
    assertTrue(server.restore(IpAddr.v4(FIRST + 2), 0x020000000001L, stack.now()));
    assertFalse(server.restore(IpAddr.parse("192.168.0.1"), 0x020000000002L, stack.now()));
    assertFalse(server.restore(IpAddr.v4(FIRST + 2), 0x020000000002L, stack.now()));
    assertFalse(server.restore(IpAddr.LOOPBACK_V6, 0x020000000002L, stack.now()));
    assertFalse(server.restore(IpAddr.v4(FIRST), Mac.BROADCAST, stack.now()));
  }

  // ---- options ----

  @Test
  void restrict_drops_router_and_dns_options() {
    Config config = new Config();
    config.restricted = true;
    config.routes = List.of(new DhcpConfig.Route(IpAddr.parse("192.0.2.0"), 24, Packets.GATEWAY));
    serve(config.build());
    DhcpMessage ack = lease(Packets.GUEST_MAC);
    assertFalse(ack.options.has(DhcpOption.ROUTER));
    assertFalse(ack.options.has(DhcpOption.DNS));
    assertFalse(ack.options.has(DhcpOption.CLASSLESS_ROUTES));
    assertTrue(ack.options.has(DhcpOption.SUBNET_MASK));
  }

  @Test
  void configured_names_mtu_search_and_tftp_server_are_told() {
    Config config = new Config();
    config.host = Optional.of("vm1");
    config.domain = Optional.of("example.org");
    config.search = List.of("example.org", "sub.example.org");
    config.mtu = 9000;
    config.tftp = Optional.of("boot.example.org");
    config.next = Optional.of(IpAddr.parse("192.0.2.7"));
    serve(config.build());
    DhcpMessage ack = lease(Packets.GUEST_MAC);
    assertEquals("vm1", text(ack, DhcpOption.HOST_NAME));
    assertEquals("example.org", text(ack, DhcpOption.DOMAIN_NAME));
    assertEquals("boot.example.org", text(ack, DhcpOption.TFTP_SERVER_NAME));
    assertEquals(9000, ack.options.word(DhcpOption.INTERFACE_MTU).orElse(0));
    assertEquals(IpAddr.parse("192.0.2.7"), IpAddr.v4(ack.serverAddress));
    byte[] search = ack.options.bytes(DhcpOption.DOMAIN_SEARCH).orElseThrow();
    byte[] expected = {
      7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 3, 's', 'u', 'b', (byte) 0xc0, 0
    };
    assertArrayEquals(expected, search);
  }

  @Test
  void nothing_optional_is_told_unless_configured() {
    DhcpMessage ack = lease(Packets.GUEST_MAC);
    for (int option : new int[] {12, 15, 26, 28, 60, 66, 67, 80, 119, 121}) {
      assertFalse(ack.options.has(option), "option " + option);
    }
  }

  @Test
  void boot_file_goes_into_its_field_and_into_option_67_when_asked() {
    Config config = new Config();
    config.file = Optional.of("pxelinux.0");
    serve(config.build());
    DhcpMessage discover = discover();
    discover.options.put(DhcpOption.PARAMETER_LIST, (byte) 67, (byte) 28);
    send(discover);
    DhcpMessage offer = answer();
    assertEquals("pxelinux.0", new String(offer.bootFile, StandardCharsets.UTF_8));
    assertEquals("pxelinux.0", text(offer, DhcpOption.BOOT_FILE));
    assertEquals(0x0a0002ff, offer.options.quad(DhcpOption.BROADCAST).orElse(0));
    assertFalse(offer.options.has(DhcpOption.VENDOR_CLASS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://10.0.2.2/boot.efi", "https://boot.example.org/x"})
  void http_boot_file_brings_the_vendor_class_of_uefi(String url) {
    Config config = new Config();
    config.file = Optional.of(url);
    serve(config.build());
    assertEquals("HTTPClient", text(lease(Packets.GUEST_MAC), DhcpOption.VENDOR_CLASS));
  }

  @Test
  void classless_routes_carry_the_default_route_too() {
    Config config = new Config();
    config.routes = List.of(new DhcpConfig.Route(IpAddr.parse("172.16.8.0"), 21, Packets.GATEWAY));
    serve(config.build());
    assertArrayEquals(
        new byte[] {21, (byte) 172, 16, 8, 10, 0, 2, 2, 0, 10, 0, 2, 2},
        lease(Packets.GUEST_MAC).options.bytes(DhcpOption.CLASSLESS_ROUTES).orElseThrow());
  }

  @Test
  void a_stub_resolver_on_loopback_is_never_leased() {
    assertEquals(Packets.DNS.v4(), lease(Packets.GUEST_MAC).options.quad(DhcpOption.DNS).orElse(0));
  }

  @Test
  void answer_keeps_to_the_clients_message_size() {
    Config config = new Config();
    config.host = Optional.of("h".repeat(255));
    config.domain = Optional.of("d".repeat(255));
    config.tftp = Optional.of("t".repeat(255));
    serve(config.build());
    send(discover());
    Parsed small = stack.link.only().udp();
    assertTrue(small.ip.totalLength() <= 576);
    DhcpMessage big = discover();
    big.options.putWord(DhcpOption.MAX_MESSAGE_SIZE, 1500);
    send(big);
    DhcpMessage answer = answer();
    assertTrue(answer.options.has(DhcpOption.DOMAIN_NAME));
    assertTrue(answer.options.has(DhcpOption.TFTP_SERVER_NAME));
  }

  @Test
  void too_long_names_and_bad_search_domains_are_refused_at_start() {
    Config config = new Config();
    config.host = Optional.of("h".repeat(256));
    assertThrows(IllegalArgumentException.class, config::build);
    Config search = new Config();
    search.search = List.of("example..");
    assertThrows(IllegalArgumentException.class, () -> serve(search.build()));
    Config file = new Config();
    file.file = Optional.of("f".repeat(128));
    assertThrows(IllegalArgumentException.class, file::build);
  }

  @Test
  void relayed_replies_group_addresses_and_other_media_are_dropped() {
    DhcpMessage relayed = discover();
    relayed.relayAddress = 0x0a000263;
    send(relayed);
    DhcpMessage reply = discover();
    reply.op = DhcpMessage.BOOT_REPLY;
    send(reply);
    DhcpMessage token = discover();
    token.hardwareType = 6;
    send(token);
    send(message(DhcpMessage.DISCOVER, Mac.BROADCAST));
    send(message(DhcpMessage.NAK, Packets.GUEST_MAC));
    send(message(DhcpMessage.REQUEST, Packets.GUEST_MAC));
    stack.assertDropped(DropReason.DHCP_MALFORMED, 6);
    stack.link.assertSilent();
  }

  @Test
  void hostile_messages_never_throw_and_never_fill_more_than_the_table() {
    byte[] valid = request(FIRST).emit(1472);
    Fuzz.hostile(
        800,
        10_000,
        valid,
        packet -> {
          stack.guest(Packets.udp(IpAddr.ANY_V4, 68, IpAddr.BROADCAST_V4, 67, packet));
          stack.link.clear();
        });
    assertTrue(server.leases(stack.now()).size() <= 16);
  }
}
