package dev.dunlin.slirp.guest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** libslirp once rewrote what some protocols say; three of its CVEs were in there. */
@NoLeaks
@RequiresPeer({"ip", "sysctl"})
@Timeout(120)
class PlainBytesTest {

  @Test
  void no_protocol_is_emulated_ident_ftp_irc_and_realaudio_pass_as_they_are() throws Exception {
    String talk =
        "1023, 21\r\nPORT 10,0,2,15,4,1\r\n227 Entering Passive Mode (10,0,2,15,4,1)\r\n"
            + "\1DCC CHAT chat 167772687 1025\1\r\n\1DCC SEND file 167772687 1025 4096\1\r\n"
            + "PNA\0\n\0\1\0\2\4\1xyz"
            + "x".repeat(5000);
    try (GuestLab lab = GuestLab.start("", List.of()).withAddress()) {
      for (int port : new int[] {21, 113, 514, 544, 6667, 6668, 7070}) {
        try (ServerSocket listener =
                lab.host.call(() -> new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")));
            Socket guest =
                lab.guest.call(
                    () -> {
                      Socket socket = new Socket();
                      socket.connect(new InetSocketAddress("10.0.2.2", port), 60_000);
                      return socket;
                    });
            Socket host = listener.accept()) {
          for (Socket[] way : new Socket[][] {{guest, host}, {host, guest}}) {
            way[0].getOutputStream().write(talk.getBytes(ISO_8859_1));
            byte[] heard = way[1].getInputStream().readNBytes(talk.length());
            assertEquals(talk, new String(heard, ISO_8859_1), "port " + port);
          }
        }
      }
    }
  }
}
