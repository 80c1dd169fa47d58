package dev.dunlin.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.net.frame.Checksum;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class PseudoHeaderTest {
  @Test
  void pseudo_header_of_ipv6_agrees_with_its_forty_bytes() {
    IpAddr source = IpAddr.parse("fec0::2");
    IpAddr destination = IpAddr.parse("2001:db8:ffff:1::99");
    ByteBuffer header = ByteBuffer.allocate(40);
    header.put(source.toBytes()).put(destination.toBytes()).putInt(1234).putInt(58);
    assertEquals(
        Checksum.fold(Checksum.add(0, header, 0, 40)),
        Checksum.fold(PseudoHeader.sum(source, destination, 58, 1234)));
  }
}
