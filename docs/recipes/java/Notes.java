import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Notes: a page of what was posted, kept in the data directory. */
public final class Notes {
    private static final Path KEPT = Path.of(System.getenv("COUNTERSIGN_DATA_DIR"), "notes.txt");

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress(System.getenv("HOST"), port), 0);
        server.createContext("/health", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.createContext("/", exchange -> {
            byte[] answer = "kept\n".getBytes();
            boolean posts = exchange.getRequestMethod().equals("POST");
            if (posts) {
                String text = new String(exchange.getRequestBody().readAllBytes()) + "\n";
                Files.writeString(KEPT, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } else {
                String kept = Files.exists(KEPT) ? Files.readString(KEPT) : "";
                answer = (System.getenv("COUNTERSIGN_ARTIFACT") + "\n" + kept).getBytes();
            }
            exchange.sendResponseHeaders(posts ? 201 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        System.out.println("listening on port " + port);
    }
}
