package dev.dunlin.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.ProcFs;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
@Timeout(60)
final class WireBoardTest {
  @TempDir Path temp;

  @Test
  void a_board_answers_every_frame_on_the_thread_of_its_cpu() throws Exception {
    Path wire = temp.resolve("wire");
    try (WireBoard board =
            new WireBoard("-netdev", "stream,id=n,server=on,addr.type=unix,addr.path=" + wire);
        SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      Await.until("the wire", () -> ProcFs.isListening(ProcessHandle.current().pid(), wire));
      peer.connect(UnixDomainSocketAddress.of(wire));
      DataOutputStream out = new DataOutputStream(Channels.newOutputStream(peer));
      DataInputStream in = new DataInputStream(Channels.newInputStream(peer));
      for (byte i = 0; i < 100; i++) {
        byte[] question = new byte[60 + i];
        question[0] = i;
        question[6] = 77;
        out.writeInt(question.length);
        out.write(question);
        byte[] answer = in.readNBytes(in.readInt());
        question[0] = 77;
        question[6] = i;
        assertArrayEquals(question, answer);
      }
      assertEquals(100, board.answered());
    }
  }
}
