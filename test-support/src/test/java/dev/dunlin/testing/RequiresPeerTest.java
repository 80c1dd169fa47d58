package dev.dunlin.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;

final class RequiresPeerTest {
  private final RequiresPeerExtension extension = new RequiresPeerExtension();
  private String before = "";

  @RequiresPeer("no-such-program")
  private static final class Missing {}

  @RequiresPeer({"sh", "smbd-of-nobody"})
  private static final class OneOfTwoMissing {}

  @RequiresPeer("sh")
  private static final class Present {}

  @BeforeEach
  void keep() {
    before = System.getProperty("dunlin.peers", "");
  }

  @AfterEach
  void restore() {
    System.setProperty("dunlin.peers", before);
  }

  @Test
  void a_missing_peer_disables_the_test_with_the_reason() {
    System.setProperty("dunlin.peers", "optional");
    var result = extension.evaluateExecutionCondition(context(OneOfTwoMissing.class));
    assertTrue(result.isDisabled());
    assertTrue(result.getReason().orElse("").contains("'smbd-of-nobody'"));
  }

  @Test
  void a_missing_peer_fails_the_test_when_peers_are_required() {
    System.setProperty("dunlin.peers", "required");
    assertFalse(extension.evaluateExecutionCondition(context(Missing.class)).isDisabled());
    AssertionError error =
        assertThrows(AssertionError.class, () -> extension.beforeEach(context(Missing.class)));
    assertEquals(
        "This test needs the program 'no-such-program'; install it with:"
            + " apt-get install no-such-program",
        error.getMessage());
  }

  @Test
  void a_peer_that_is_there_changes_nothing() {
    System.setProperty("dunlin.peers", "required");
    assertFalse(extension.evaluateExecutionCondition(context(Present.class)).isDisabled());
    extension.beforeAll(context(Present.class));
  }

  private static ExtensionContext context(Class<?> element) {
    ExtensionContext context = mock(ExtensionContext.class);
    when(context.getElement()).thenReturn(Optional.of(element));
    return context;
  }
}
