package dev.dunlin.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IpAddrTest {

  @Test
  void both_families_round_trip_through_text_and_bytes() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 2_000; i++) {
      IpAddr address =
          random.nextBoolean()
              ? IpAddr.v4(random.nextInt())
              : IpAddr.of(random.nextLong(), random.nextLong());
      assertEquals(address, IpAddr.parse(address.toString()));
      assertEquals(address, IpAddr.of(address.toInetAddress()));
      assertEquals(address.isV4() ? 4 : 16, address.toBytes().length);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.9.9.9, loopback",
    "::1, loopback",
    "224.0.0.1, multicast",
    "ff02::1, multicast",
    "169.254.169.254, linklocal",
    "fe80::1, linklocal",
    "10.0.2.15, private",
    "172.31.255.255, private",
    "192.168.0.1, private",
    "fd00:ec2::254, private",
    "8.8.8.8, none",
    "172.32.0.1, none",
    "2001:db8::1, none",
  })
  void classes_of_addresses(String literal, String kind) {
    IpAddr address = IpAddr.parse(literal);
    assertEquals(kind.equals("loopback"), address.isLoopback());
    assertEquals(kind.equals("multicast"), address.isMulticast());
    assertEquals(kind.equals("linklocal"), address.isLinkLocal());
    assertEquals(kind.equals("private"), address.isPrivate());
  }

  @Test
  void v4_mapped_loopback_is_loopback() {
    assertTrue(IpAddr.of(0, 0xffff_7f00_0001L).isLoopback());
    assertEquals(IpAddr.LOOPBACK_V4, IpAddr.of(0, 0xffff_7f00_0001L));
  }

  @Test
  void families_never_meet() {
    assertNotEquals(IpAddr.ANY_V4, IpAddr.ANY_V6);
    assertTrue(IpAddr.ANY_V4.isUnspecified() && IpAddr.ANY_V6.isUnspecified());
    assertFalse(IpAddr.parse("::1").inPrefix(IpAddr.ANY_V4, 0));
    assertThrows(IllegalStateException.class, IpAddr.LOOPBACK_V6::v4);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.2.15, 10.0.2.0, 24, true",
    "10.0.3.15, 10.0.2.0, 24, false",
    "10.0.3.15, 10.0.2.0, 0, true",
    "10.0.2.1, 10.0.2.0, 32, false",
    "fec0::1:2, fec0::, 64, true",
    "fec0:0:0:1::2, fec0::, 64, false",
    "fec0:0:0:1::2, fec0::, 63, true",
    "fec0::1, fec0::, 128, false",
  })
  void prefixes(String address, String network, int length, boolean inside) {
    assertEquals(inside, IpAddr.parse(address).inPrefix(IpAddr.parse(network), length));
  }

  @Test
  void names_are_no_literals() {
    assertFalse(IpAddr.isLiteral("localhost"));
    assertThrows(IllegalArgumentException.class, () -> IpAddr.parse("localhost"));
  }
}
