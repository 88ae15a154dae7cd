"""A convolutional network on made-up images, with batch normalization, SGD with momentum, and a checkpoint."""

import torch
from torch import nn, optim


def images(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images of 8x8 with a bright row (class 0) or a bright column (class 1)."""
    x = 0.1 * torch.rand(count, 1, 8, 8)
    y = torch.randint(0, 2, (count,))
    places = torch.randint(0, 8, (count,))
    for i in range(count):
        if y[i] == 0:
            x[i, 0, places[i], :] += 1.0
        else:
            x[i, 0, :, places[i]] += 1.0
    return x, y


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 8, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        self.classifier = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).flatten(1))


torch.manual_seed(1)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
x, y = images(32)
network = Network().to(device)
optimizer = optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
loss_function = nn.CrossEntropyLoss()

for epoch in range(10):
    total = 0.0
    for start in range(0, len(x), 16):
        batch, target = x[start : start + 16].to(device), y[start : start + 16].to(device)
        optimizer.zero_grad()
        loss = loss_function(network(batch), target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    if epoch % 3 == 0:
        print(f"epoch {epoch}: loss {total / 2:.3f}, lr {scheduler.get_last_lr()[0]:.3f}")

network.eval()
with torch.no_grad():
    right = (network(x).argmax(1) == y).sum().item()
print("right:", right, "of", len(x))
copy = Network()
copy.load_state_dict(network.state_dict())
copy.eval()
print(torch.allclose(copy(x), network(x)))
