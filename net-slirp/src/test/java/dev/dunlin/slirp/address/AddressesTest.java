package dev.dunlin.slirp.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.2.15, 10.0.2.15",
    "10.0.2, 10.0.0.2",
    "127.1, 127.0.0.1",
    "0x0a000205, 10.0.2.5",
    "10.0.2.010, 10.0.2.8",
    "0xff.1.2.3, 255.1.2.3",
    "4294967295, 255.255.255.255",
    "10.0.2.9 x, 10.0.2.9",
    "10.65535, 10.0.255.255",
    "0, 0.0.0.0"
  })
  void an_ipv4_address_is_read_as_inet_aton_reads_it(String text, String canonical) {
    assertEquals(Optional.of(canonical), Ipv4Address.parse(text).map(Ipv4Address::toString));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "x", "256.0.0.0", "1.2.3.256", "1.2.65536", "1.16777216", "4294967296", "1..2",
        "1.2.3.4.5", "1.2.3.", ".1", "-1", "0x", "08", "1.2.3.4x", "١.2.3.4", "localhost"
      })
  void another_text_is_no_ipv4_address(String text) {
    assertEquals(Optional.empty(), Ipv4Address.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "::, ::",
    "::1, ::1",
    "fec0::, fec0::",
    "FEC0::00ab, fec0::ab",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "1::8, 1::8",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "::ffff:1.2.3.4, ::ffff:102:304",
    "1:0:0:2::3, 1:0:0:2::3",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304"
  })
  void an_ipv6_address_is_read_as_inet_pton_reads_it(String text, String canonical) {
    assertEquals(Optional.of(canonical), Ipv6Address.parse(text).map(Ipv6Address::toString));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::",
        "g::", "12345::", "fec0::2%lo", "[::1]", "::1.2.3", "::1.2.3.256", "1.2.3.4::",
            "::01.2.3.4",
        ":1::", "::1:", "1.2.3.4"
      })
  void another_text_is_no_ipv6_address(String text) {
    assertEquals(Optional.empty(), Ipv6Address.parse(text));
  }

  @Test
  void what_is_written_can_be_read_and_agrees_with_java() throws UnknownHostException {
    Random random = new Random(6);
    for (int i = 0; i < 2000; i++) {
      long high = random.nextLong() & (random.nextBoolean() ? 0xffff_0000_0000_ffffL : -1);
      long low = random.nextLong() & (random.nextBoolean() ? 0xffff_0000L : -1);
      Ipv6Address address = new Ipv6Address(high, low);
      assertEquals(Optional.of(address), Ipv6Address.parse(address.toString()));
      assertEquals(
          address.toInetAddress(), InetAddress.getByName("[" + address + "]"), address.toString());
      Ipv4Address v4 = new Ipv4Address(random.nextInt());
      assertEquals(Optional.of(v4), Ipv4Address.parse(v4.toString()));
      assertEquals(v4.toInetAddress(), InetAddress.getByName(v4.toString()));
    }
  }

  @Test
  void networks_compare_their_first_bits_only() {
    Ipv6Address one = new Ipv6Address(0x20010db8_00010000L, 1L << 63);
    assertTrue(one.sameNetwork(new Ipv6Address(0, 0), 0));
    assertTrue(one.sameNetwork(new Ipv6Address(0x20010db8_00010000L, 0), 64));
    assertFalse(one.sameNetwork(new Ipv6Address(0x20010db8_00010000L, 0), 65));
    assertFalse(one.sameNetwork(new Ipv6Address(0x20010db8_00010001L, 1L << 63), 64));
    assertTrue(one.sameNetwork(new Ipv6Address(0x20010db8_00010001L, 1L << 63), 63));
    assertTrue(one.sameNetwork(new Ipv6Address(0x20010db8_00010000L, (1L << 63) + 1), 126));
  }
}
