package dev.dunlin.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Names the real programs that a test or a test class needs. When one is missing, the test is
 * disabled with the reason; with {@code -Ddunlin.peers=required}, as {@code ./test} says, it fails.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresPeerExtension.class)
public @interface RequiresPeer {
  /** Program names: {@code smbd}. */
  String[] value();
}
