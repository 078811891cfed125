"""python -m src.scheduler"""

from src.scheduler.continuous import ContinuousScheduler

if __name__ == "__main__":
    ContinuousScheduler().run()
